import Accounts
import Foundation
import GRDB

/// A SQLite connection as GRDB hands it to a closure.
struct SQLiteConnection: SQLConnection {
    let database: GRDB.Database

    func query(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> [SQLRow] {
        do {
            let statement = try database.cachedStatement(sql: sql)
            statement.setUncheckedArguments(Self.arguments(parameters))
            var rows: [SQLRow] = []
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() { rows.append(SQLRow((0..<row.count).map { Self.value(row, $0) })) }
            return rows
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    func execute(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            statement.setUncheckedArguments(Self.arguments(parameters))
            try statement.execute()
            return database.changesCount
        } catch {
            throw SQLiteErrors.storeError(error)
        }
    }

    private static func arguments(_ parameters: [any SQLConvertible]) -> StatementArguments {
        StatementArguments(
            parameters.map { parameter -> (any DatabaseValueConvertible)? in
                switch parameter.sqlValue {
                case .null: nil
                case .integer(let value): value
                case .text(let value): value
                case .blob(let value): Data(value)
                }
            }
        )
    }

    private static func value(_ row: Row, _ column: Int) -> SQLValue {
        let value: DatabaseValue = row[column]
        return switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .double(let value): .integer(Int64(value))
        case .string(let value): .text(value)
        case .blob(let value): .blob([UInt8](value))
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
