import Accounts
import Libpq

/// A connection as a closure sees it, with its prepared statements; used by one thread at a time.
final class PostgresConnection: SQLConnection {
    /// The channel of `announce`.
    static let channel = "countersign"
    /// Far more than there are statements; those of lists with a filter are put together as they come.
    private static let statementLimit = 300

    private let link: PostgresLink
    private let settings: PostgresSettings
    private var names: [Statement: String] = [:]
    /// When the present transaction has to be over.
    private var deadline = ContinuousClock.now
    private(set) var isBroken = false
    /// The commit is on its way: if the connection breaks now, nobody knows whether it happened.
    private(set) var isCommitting = false

    /// A null says no type, so that the same text may be prepared twice.
    private struct Statement: Hashable {
        let sql: String
        let types: [UInt32]
    }

    init(_ settings: PostgresSettings) throws(PostgresFailure) {
        link = try PostgresLink(PostgresSettings.options(settings.address))
        self.settings = settings
        if settings.isPrepared {
            let script = settings.limits.map { "SET \($0)" }.joined(separator: "; ")
            try link.run(script, until: .now + settings.transaction)
        }
    }

    /// Notices that the server closed it meanwhile.
    func checkRest() -> Bool {
        link.checkRest()
        isBroken = isBroken || link.isBroken
        return !isBroken
    }

    // MARK: Transactions

    /// Statements one by one: each sees what was committed before it.
    func read<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        deadline = .now + settings.transaction
        isCommitting = false
        return try body(self)
    }

    func write<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        deadline = .now + settings.transaction
        isCommitting = false
        var begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        // A pooler hands the connection on: nothing may stay set.
        if !settings.isPrepared { begin += settings.limits.map { "; SET LOCAL \($0)" }.joined() }
        try run(begin)
        let value: Value
        do {
            value = try body(self)
        } catch {
            // Without it the connection is of no use, and closing it undoes the transaction as well.
            if !isBroken, (try? run("ROLLBACK")) == nil { isBroken = true }
            throw error
        }
        isCommitting = true
        // A transaction in which a statement failed answers the commit with ROLLBACK.
        guard try run("COMMIT") == "COMMIT" else {
            throw StoreError.corrupt("a transaction that failed before its end")
        }
        isCommitting = false
        return value
    }

    @discardableResult
    private func run(_ script: String) throws(StoreError) -> String {
        do throws(PostgresFailure) {
            return try link.run(script, until: deadline).command
        } catch {
            throw failed(error)
        }
    }

    // MARK: SQLConnection

    var hasOtherWriters: Bool { true }

    func query(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> [SQLRow] {
        let answer = try answer(sql, parameters)
        var rows: [SQLRow] = []
        rows.reserveCapacity(answer.rowCount)
        let columns = 0..<answer.columnCount
        for row in 0..<answer.rowCount {
            var values: [SQLValue] = []
            values.reserveCapacity(columns.count)
            for column in columns { values.append(try Self.value(answer.value(row, column))) }
            rows.append(SQLRow(values))
        }
        return rows
    }

    func execute(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int {
        try answer(sql, parameters).changedRows
    }

    func hold(_ names: [String]) throws(StoreError) {
        guard !names.isEmpty else { return }
        let locks = (1...names.count).map { "pg_advisory_xact_lock(hashtextextended($\($0), 0))" }
        _ = try answer("SELECT " + locks.joined(separator: ", "), names)
    }

    func announce(_ text: String) throws(StoreError) {
        _ = try answer("SELECT pg_notify($1, $2)", [Self.channel, text])
    }

    private func answer(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> PostgresAnswer {
        let values = parameters.map { Self.parameter($0.sqlValue) }
        do throws(PostgresFailure) {
            guard settings.isPrepared else { return try link.query(sql, values, until: deadline) }
            return try link.query(prepared: try name(sql, values.map(\.type)), values, until: deadline)
        } catch {
            throw failed(error)
        }
    }

    private func name(_ sql: String, _ types: [UInt32]) throws(PostgresFailure) -> String {
        let statement = Statement(sql: sql, types: types)
        if let name = names[statement] { return name }
        if names.count >= Self.statementLimit {
            try link.run("DEALLOCATE ALL", until: deadline)
            names = [:]
        }
        let name = "s\(names.count)"
        try link.prepare(name, sql, types: types, until: deadline)
        names[statement] = name
        return name
    }

    private func failed(_ failure: PostgresFailure) -> StoreError {
        if link.isBroken || PostgresErrors.endsConnection(failure) { isBroken = true }
        // "cached plan must not change result type", after a migration by another node: a new connection plans anew.
        if failure.state == "0A000" {
            isBroken = true
            return .unavailable
        }
        return PostgresErrors.storeError(failure)
    }

    private static func parameter(_ value: SQLValue) -> PostgresParameter {
        switch value {
        case .null: .null
        case .integer(let value): .integer(value)
        case .text(let value): .text(value)
        case .blob(let value): .bytes(value)
        }
    }

    private static func value(_ value: PostgresValue) throws(StoreError) -> SQLValue {
        switch value {
        case .null: return .null
        case .integer(let value): return .integer(value)
        case .text(let value): return .text(value)
        case .bytes(let value): return .blob(value)
        case .unknown(let type): throw .corrupt("a column of the type \(type)")
        }
    }
}
