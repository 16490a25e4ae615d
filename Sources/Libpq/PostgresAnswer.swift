import CPostgres

/// A value of an answer.
package enum PostgresValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    /// A type that no statement of ours answers with; its number in the server's catalogue.
    case unknown(type: UInt32)
}

/// What one statement answered.
@safe package final class PostgresAnswer {
    private let result: OpaquePointer

    init(owning result: OpaquePointer) {
        unsafe self.result = result
    }

    deinit {
        unsafe PQclear(result)
    }

    package var rowCount: Int { Int(unsafe PQntuples(result)) }
    package var columnCount: Int { Int(unsafe PQnfields(result)) }

    /// `BEGIN`, `UPDATE 3`; a commit that did not happen says `ROLLBACK`.
    package var command: String {
        guard let text = unsafe PQcmdStatus(result) else { return "" }
        return unsafe String(cString: text)
    }

    /// How many rows the statement changed.
    package var changedRows: Int {
        guard let text = unsafe PQcmdTuples(result) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    package func value(_ row: Int, _ column: Int) -> PostgresValue {
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column)
        else { return .null }
        let length = Int(unsafe PQgetlength(result, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
        let type = unsafe PQftype(result, column)
        // A plain script answers in text.
        guard unsafe PQfformat(result, column) == 1 else { return unsafe .text(String(decoding: bytes, as: UTF8.self)) }
        return switch type {
        // bool, int8, int2, int4
        case 16, 20, 21, 23: unsafe .integer(Self.integer(bytes))
        case 17: unsafe .bytes(Array(bytes))
        // text, varchar, name, bpchar, unknown
        case 25, 1043, 19, 1042, 705: unsafe .text(String(decoding: bytes, as: UTF8.self))
        // void
        case 2278: .null
        default: .unknown(type: type)
        }
    }

    /// Most significant byte first, in as many bytes as the type has.
    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let first = unsafe bytes.first ?? 0
        let isNegative = bytes.count > 1 && first & 0x80 != 0
        return unsafe bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
    }

    // MARK: How it went

    enum Outcome {
        case done
        case failed(PostgresFailure)
    }

    var outcome: Outcome {
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .done
        default: .failed(failure)
        }
    }

    private var failure: PostgresFailure {
        let state = field("C")
        return PostgresFailure(
            state: state.isEmpty ? nil : state,
            message: field("M"),
            table: field("t"),
            constraint: field("n"),
            columns: state == "23505" ? PostgresFailure.keyColumns(field("D")) : ""
        )
    }

    /// One of libpq's `PG_DIAG_…` fields, which are named by a letter.
    private func field(_ name: Unicode.Scalar) -> String {
        guard let text = unsafe PQresultErrorField(result, Int32(name.value)) else { return "" }
        return unsafe String(cString: text)
    }
}
