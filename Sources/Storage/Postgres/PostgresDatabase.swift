package import Accounts
import Foundation

/// The database of several nodes.
///
/// A write is one READ COMMITTED transaction that holds the names it decides about (`SQLConnection.hold`); docs/adr
/// says why that is enough. A read is statement by statement.
package final class PostgresDatabase: Database {
    package struct OpenError: Error, CustomStringConvertible {
        package let description: String
    }

    private static let oldestVersion: Int64 = 130_000

    private let settings: PostgresSettings
    private let workers: PostgresWorkers
    package let watch: PostgresWatch
    package var clock: DatabaseClock { watch.clock }

    private init(_ settings: PostgresSettings) {
        self.settings = settings
        workers = PostgresWorkers(settings)
        watch = PostgresWatch(settings)
    }

    /// Connects, and refuses a server that would not keep what it was told.
    package static func open(_ settings: PostgresSettings) async throws -> PostgresDatabase {
        let database = PostgresDatabase(settings)
        do {
            try await database.check()
        } catch {
            database.close()
            throw error
        }
        return database
    }

    private func check() async throws {
        let row: SQLRow?
        do {
            row = try await read { connection in
                let reading = self.clock.beginReading()
                let row = try connection.first(
                    """
                    SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'),
                    current_setting('synchronous_commit'), \(DatabaseClock.expression)
                    """,
                    []
                )
                if let row { self.clock.take(reading, database: try row.integer(3)) }
                return row
            }
        } catch {
            guard let reason = workers.failure else { throw error }
            throw OpenError(description: "PostgreSQL cannot be reached: \(reason).")
        }
        guard let row else { throw StoreError.corrupt("settings without a row") }
        guard try row.integer(0) >= Self.oldestVersion else {
            throw OpenError(description: "The server is older than PostgreSQL 13; use a newer one.")
        }
        guard try row.text(1) == "UTF8" else {
            throw OpenError(description: "The PostgreSQL database must have the encoding UTF8, not \(try row.text(1)).")
        }
        guard try row.text(2) != "off" else {
            throw OpenError(
                description: "PostgreSQL runs with synchronous_commit = off, and would forget used codes in a crash; "
                    + "set it to on."
            )
        }
    }

    package func close() {
        watch.stop()
        workers.stop()
    }

    // MARK: Database

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await run { try $0.read(body) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await run { try $0.write(body) }
    }

    /// On a thread of the workers: cancelling the caller undoes nothing.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                workers.submit(
                    PostgresJob(
                        run: { connection in
                            let value = try body(connection)
                            return { continuation.resume(returning: value) }
                        },
                        fail: { continuation.resume(throwing: $0) },
                        expiry: .now + settings.queue
                    )
                )
            }
        } catch {
            throw PostgresErrors.storeError(error)
        }
    }
}

extension PostgresDatabase {
    /// A transaction that may take hours, on a connection of its own.
    func writeAtLength<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let patient = PostgresDatabase(settings.patient)
        defer { patient.close() }
        return try await patient.write(body)
    }
}

// MARK: The schema

extension PostgresDatabase {
    /// 0 when the database is empty.
    package func schemaVersion() async throws(StoreError) -> Int {
        try await read { connection in
            guard
                try connection.count(
                    """
                    SELECT count(*) FROM pg_catalog.pg_class
                    WHERE relname = 'schema_version' AND pg_catalog.pg_table_is_visible(oid)
                    """,
                    []
                ) > 0
            else { return 0 }
            return try connection.count("SELECT coalesce(max(version), 0) FROM schema_version", [])
        }
    }

    /// Brings the schema up to date, one runner at a time.
    /// - Returns: the version before.
    package func migrate() async throws -> Int {
        let found = try await writeAtLength { connection in
            try connection.hold(["schema"])
            let current = try Schema.version(of: connection)
            try Schema.migrate(connection, words: .postgres)
            return current
        }
        guard found <= Schema.version else {
            throw OpenError(
                description: "The database has schema \(found), this program knows up to \(Schema.version). "
                    + "Run the newer program."
            )
        }
        return found
    }
}
