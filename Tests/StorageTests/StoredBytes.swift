import Foundation
import Storage

extension TestStore {
    /// All that the engine keeps: the file with its log, or every row of every table.
    func storedBytes() async throws -> Data {
        switch opened {
        case .sqlite(let database):
            try ["", "-wal", "-shm"].reduce(into: Data()) { sum, suffix in
                let url = URL(fileURLWithPath: database.path + suffix)
                if FileManager.default.fileExists(atPath: url.path) { sum.append(try Data(contentsOf: url)) }
            }
        case .postgres(let database, _):
            try await database.read { connection in
                let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
                return try connection.query(tables, []).reduce(into: Data()) { sum, table in
                    for row in try connection.query("SELECT t::text FROM \(try table.text(0)) t", []) {
                        let text = try row.text(0)
                        sum.append(Data(text.utf8))
                        for blob in text.matches(of: /\\x([0-9a-f]+)/) { sum.append(contentsOf: Self.bytes(blob.1)) }
                    }
                }
            }
        }
    }

    private static func bytes(_ hex: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = hex
        while let byte = UInt8(rest.prefix(2), radix: 16), rest.count > 1 {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
