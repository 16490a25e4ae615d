import Accounts
import GRDB
import GRDBSQLite

/// One execution of a prepared statement: bind, step, read, reset, straight on SQLite's own interface.
///
/// GRDB keeps the connection, the transaction and the prepared statement; its rows and arguments would box and copy
/// each value several times, which is most of what a statement by primary key costs. The only file that calls SQLite.
struct SQLiteStatement {
    private let handle: OpaquePointer
    private let columnCount: Int32

    init(_ statement: Statement) {
        handle = statement.sqliteStatement
        columnCount = sqlite3_column_count(handle)
    }

    func rows(_ parameters: [any SQLConvertible]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try run(parameters) { rows.append(row()) }
        return rows
    }

    /// - Returns: how many rows it changed.
    func changes(_ parameters: [any SQLConvertible]) throws -> Int {
        try run(parameters) {}
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    private func run(_ parameters: [any SQLConvertible], _ eachRow: () -> Void) throws {
        defer {
            // Also lets go of what was bound: it may be a secret.
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, parameter) in parameters.enumerated() { try bind(parameter.sqlValue, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: eachRow()
            case SQLITE_DONE: return
            default: throw failure()
            }
        }
    }

    // MARK: Parameters

    /// Asks SQLite to copy what is bound.
    private static var copies: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func bind(_ value: SQLValue, at index: Int32) throws {
        let status =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let value): sqlite3_bind_int64(handle, index, value)
            case .text(var value):
                value.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        // Without an address SQLite would take it as NULL.
                        characters.isEmpty
                            ? sqlite3_bind_text(handle, index, "", 0, Self.copies)
                            : sqlite3_bind_text(
                                handle,
                                index,
                                characters.baseAddress,
                                Int32(characters.count),
                                Self.copies
                            )
                    }
                }
            case .blob(let value):
                value.isEmpty
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : value.withUnsafeBytes {
                        sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), Self.copies)
                    }
            }
        guard status == SQLITE_OK else { throw failure() }
    }

    // MARK: Columns

    private func row() -> SQLRow {
        var values: [SQLValue] = []
        values.reserveCapacity(Int(columnCount))
        for column in 0..<columnCount { values.append(value(column)) }
        return SQLRow(values)
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .integer(Int64(sqlite3_column_double(handle, column)))
        case SQLITE_TEXT:
            let text = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            // The address first: asking for it may change the count.
            let bytes = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)))
        default: return .null
        }
    }

    /// SQLite's last error on this connection; its message names tables and columns, never values.
    private func failure() -> DatabaseError {
        let connection = sqlite3_db_handle(handle)
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) }
        )
    }
}
