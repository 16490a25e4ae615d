package import Accounts
package import Secrets

/// A value that both engines hold alike.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// What goes into a statement as a parameter.
package protocol SQLConvertible {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLConvertible { package var sqlValue: SQLValue { self } }
extension String: SQLConvertible { package var sqlValue: SQLValue { .text(self) } }
extension Int64: SQLConvertible { package var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLConvertible { package var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Bool: SQLConvertible { package var sqlValue: SQLValue { .integer(self ? 1 : 0) } }
extension [UInt8]: SQLConvertible { package var sqlValue: SQLValue { .blob(self) } }
extension UnixTime: SQLConvertible { package var sqlValue: SQLValue { .integer(seconds) } }
extension ID: SQLConvertible { package var sqlValue: SQLValue { .text(description) } }
extension TokenDigest: SQLConvertible { package var sqlValue: SQLValue { .blob(bytes) } }
extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// One row of an answer; columns are read in the order in which the statement names them.
package struct SQLRow: Sendable {
    /// As they came; rules read a column by its type.
    let values: [SQLValue]

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package func isNull(_ column: Int) -> Bool { values[column] == .null }

    package func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw .corrupt("column \(column) is no integer") }
        return value
    }

    package func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let value) = values[column] else { throw .corrupt("column \(column) is no text") }
        return value
    }

    package func blob(_ column: Int) throws(StoreError) -> [UInt8] {
        switch values[column] {
        case .blob(let value): return value
        default: throw .corrupt("column \(column) is no blob")
        }
    }

    package func bool(_ column: Int) throws(StoreError) -> Bool { try integer(column) != 0 }

    package func time(_ column: Int) throws(StoreError) -> UnixTime { UnixTime(seconds: try integer(column)) }

    package func optionalTime(_ column: Int) throws(StoreError) -> UnixTime? {
        isNull(column) ? nil : try time(column)
    }

    package func id<Tag>(_ column: Int, _ type: Tag.Type = Tag.self) throws(StoreError) -> ID<Tag> {
        guard let id = ID<Tag>(try text(column)) else { throw .corrupt("column \(column) is no id") }
        return id
    }

    package func digest(_ column: Int) throws(StoreError) -> TokenDigest {
        guard let digest = TokenDigest(bytes: try blob(column)) else { throw .corrupt("column \(column) is no digest") }
        return digest
    }
}
