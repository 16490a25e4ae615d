package import Accounts
import Foundation
import GRDB
package import Secrets

/// The embedded database: WAL, every commit on the disk before it is answered, one writer.
package struct SQLiteDatabase: Database {
    let pool: DatabasePool
    private let writes: WriteQueue
    package let path: String

    package struct OpenError: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - creating: false refuses a file that is not there.
    ///   - backlog: the hashes that wait in this process; while there are some, writers share more commits.
    package init(path: String, creating: Bool = true, backlog: HashingBacklog = HashingBacklog()) throws {
        let url = URL(fileURLWithPath: path)
        if !FileManager.default.fileExists(atPath: path) {
            guard creating else { throw OpenError(description: "There is no database at \(path).") }
            try? FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            // Before SQLite makes it, which would let others read it. Where it cannot be made SQLite says why.
            if !PrivateFile.create(path), PrivateFile.isLink(path), !FileManager.default.fileExists(atPath: path) {
                throw OpenError(description: "The database \(path) is a link that leads nowhere.")
            }
        } else if !PrivateFile.narrowWhenEmpty(path) {
            throw OpenError(description: "The database \(path) is an empty file of another user.")
        }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // The command line and the server share the file.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        // More than that is a priority that only root may ask for; libdispatch writes each refusal into the log.
        configuration.qos = .default
        configuration.prepareDatabase { database in
            // What undoes one job of a shared transaction is kept in memory, not in a file of its own.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            // In KiB when negative. A reader looks up a few rows; what it read before is in the system's cache.
            try database.execute(sql: "PRAGMA cache_size = -512")
            // SQLite's own `lower` knows only the letters A to Z; PostgreSQL's knows them all.
            database.add(
                function: DatabaseFunction("lower", argumentCount: 1, pure: true) { values in
                    String.fromDatabaseValue(values[0])?.lowercased()
                }
            )
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB's pool sets NORMAL after its preparation hook: an answer given must survive a power cut.
            try pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA synchronous = FULL")
                // A page that many sign-ins change goes back into the file once for all of them.
                try $0.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
                // The pages of the indexes that every sign-in goes through.
                try $0.execute(sql: "PRAGMA cache_size = -4096")
            }
            let level = try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            guard level == 2 else { throw OpenError(description: "SQLite did not take synchronous = FULL.") }
            self.pool = pool
        } catch let error as OpenError {
            throw error
        } catch let error as DatabaseError {
            throw OpenError(description: "The database \(path) cannot be opened: \(error.message ?? "unknown").")
        }
        self.path = path
        writes = WriteQueue(pool: pool, backlog: backlog)
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read { try body(SQLiteConnection(database: $0)) }
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    package func readBriefly<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try readBrieflyNow(body)
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    /// Apart, since GRDB's `unsafeRead` waits for the queue of readers in an asynchronous function.
    private func readBrieflyNow<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        // `read` asks for more than these few rows do: a savepoint, and whether the schema has changed.
        try pool.unsafeRead { try SQLiteConnection(database: $0).snapshot(body) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await writes.run { try body($0) }
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    /// One snapshot, on the thread of the caller, which waits.
    func readNow<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        try pool.read { try body(SQLiteConnection(database: $0)) }
    }

    /// A consistent copy while others read and write. It has its name once it is whole.
    package func copy(to path: String) throws {
        let making: PrivateFile.Making
        do {
            making = try PrivateFile.make(path) { part in
                let target = try DatabaseQueue(path: part)
                try pool.backup(to: target)
                // One file, not three: the copy is read elsewhere.
                try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                try target.close()
            }
        } catch let error as DatabaseError {
            throw OpenError(description: "The backup failed: \(error.message ?? "unknown").")
        }
        switch making {
        case .made: break
        case .taken: throw OpenError(description: "\(path) exists already; a backup overwrites nothing.")
        case .impossible: throw OpenError(description: "\(path) cannot be written.")
        }
    }

    package func integrityProblem() async throws -> String? {
        let answer = try await pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        return answer == "ok" ? nil : answer ?? "no answer"
    }

    package func close() {
        // Readers first: only then is the writer the last one, which puts the log back into the file.
        pool.invalidateReadOnlyConnections()
        try? pool.close()
    }
}
