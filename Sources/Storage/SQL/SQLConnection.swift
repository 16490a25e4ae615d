package import Accounts

/// A connection inside a transaction. Synchronous: a driver runs it on a thread that may wait.
///
/// Statements are written once, in the dialect that SQLite 3.35 and PostgreSQL share; `$1`, `$2` … stand in the
/// order of their first use.
package protocol SQLConnection {
    func query(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> [SQLRow]
    /// - Returns: how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int

    /// Whether other transactions may write while this one runs. The embedded database has one writer.
    var hasOtherWriters: Bool { get }
    /// Waits until no other transaction holds one of these names, then holds them to the end of this one. Statements
    /// after it see what the others have committed.
    func hold(_ names: [String]) throws(StoreError)
    /// Tells all nodes once this transaction is committed.
    func announce(_ text: String) throws(StoreError)
}

extension SQLConnection {
    package var hasOtherWriters: Bool { false }
    package func hold(_ names: [String]) throws(StoreError) {}
    package func announce(_ text: String) throws(StoreError) {}

    func first(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> SQLRow? {
        try query(sql, parameters).first
    }

    func count(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int {
        guard let row = try first(sql, parameters) else { throw .corrupt("a count without a row") }
        return Int(try row.integer(0))
    }
}

/// A database: closures run in one transaction each and must not keep the connection.
package protocol Database: Sendable {
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value

    /// The same for a few rows that are found by a key: may run on the thread of the caller, to whom handing it over
    /// would take longer than reading.
    func readBriefly<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value

    /// Serialised or conflict-checked; not undone by cancelling the caller.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value
}

extension Database {
    package func readBriefly<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await read(body)
    }
}
