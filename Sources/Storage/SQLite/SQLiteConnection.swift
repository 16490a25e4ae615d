import Accounts
import GRDB

/// A SQLite connection as GRDB hands it to a closure.
struct SQLiteConnection: SQLConnection {
    let database: GRDB.Database

    /// Runs a body in a transaction that holds the write lock from its start: all of it is stored, or nothing.
    func transaction<Value>(_ body: (SQLiteConnection) throws -> Value) throws -> Value {
        try execute("BEGIN IMMEDIATE", [])
        do {
            let value = try body(self)
            // After some errors, a full disk for one, SQLite has undone everything by itself.
            guard database.isInsideTransaction else { throw StoreError.unavailable }
            try execute("COMMIT", [])
            return value
        } catch {
            if database.isInsideTransaction { try execute("ROLLBACK", []) }
            throw error
        }
    }

    /// Runs a body that only reads: all of it sees one moment.
    func snapshot<Value>(_ body: (SQLiteConnection) throws -> Value) throws -> Value {
        try execute("BEGIN", [])
        do {
            let value = try body(self)
            try execute("COMMIT", [])
            return value
        } catch {
            if database.isInsideTransaction { try execute("ROLLBACK", []) }
            throw error
        }
    }

    func query(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> [SQLRow] {
        do {
            return try SQLiteStatement(try database.cachedStatement(sql: sql)).rows(parameters)
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    @discardableResult
    func execute(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int {
        do {
            return try SQLiteStatement(try database.cachedStatement(sql: sql)).changes(parameters)
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }
}

/// The one place that knows SQLite's result codes.
enum SQLiteErrors {
    static func storeError(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        if error is CancellationError { return .unavailable }
        guard let error = error as? DatabaseError else { return .corrupt(String(describing: type(of: error))) }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT:
            switch error.extendedResultCode {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
                // `UNIQUE constraint failed: person.login_key`: column names, no values.
                return .duplicate(error.message?.split(separator: ": ").last.map(String.init) ?? "")
            default:
                return .corrupt(error.message ?? "a constraint failed")
            }
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY,
            .SQLITE_NOMEM, .SQLITE_INTERRUPT,
            // A neighbour in the same commit met one of these, and SQLite took the whole transaction back.
            .SQLITE_ABORT:
            return .unavailable
        default:
            return .corrupt(error.message ?? "result \(error.resultCode.rawValue)")
        }
    }
}
