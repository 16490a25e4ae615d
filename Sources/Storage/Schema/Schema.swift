package import Accounts

/// The numbered steps of the schema, the same in both engines; a driver supplies the words for types that differ.
package struct SchemaWords: Sendable {
    package let blob: String
    package let integer: String
    package let identity: String

    package static let sqlite = SchemaWords(
        blob: "BLOB",
        integer: "INTEGER",
        identity: "INTEGER PRIMARY KEY AUTOINCREMENT"
    )

    func fill(_ text: String) -> String {
        text.replacing("{blob}", with: blob).replacing("{int}", with: integer).replacing("{identity}", with: identity)
    }
}

package enum Schema {
    package static let steps: [String] = [schema1]
    package static var version: Int { steps.count }

    /// The version that a database has; 0 when it is empty.
    static func version(of connection: any SQLConnection) throws(StoreError) -> Int {
        try connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", [])
        return try connection.count("SELECT coalesce(max(version), 0) FROM schema_version", [])
    }

    static func migrate(_ connection: any SQLConnection, words: SchemaWords) throws(StoreError) {
        let current = try version(of: connection)
        guard current < version else { return }
        for number in current..<version {
            for statement in words.fill(steps[number]).split(separator: ";") {
                let sql = statement.trimmingBlanks()
                if !sql.isEmpty { try connection.execute(String(sql), []) }
            }
            try connection.execute("INSERT INTO schema_version (version) VALUES ($1)", [number + 1])
        }
    }
}

extension SQLiteDatabase {
    /// Brings the schema up to date; a copy of the file is made first when there is something to lose.
    /// - Returns: the path of that copy.
    package func migrate() async throws -> String? {
        let current = try await write { try Schema.version(of: $0) }
        guard current <= Schema.version else {
            throw OpenError(
                description: "The database has schema \(current), this program knows up to \(Schema.version). "
                    + "Run the newer program."
            )
        }
        var saved: String?
        if current > 0, current < Schema.version {
            let name = "\(path).before-schema-\(Schema.version)"
            try copy(to: name)
            saved = name
        }
        if current < Schema.version { try await write { try Schema.migrate($0, words: .sqlite) } }
        return saved
    }

    package func schemaVersion() async throws(StoreError) -> Int {
        try await read { try $0.count("SELECT coalesce(max(version), 0) FROM schema_version", []) }
    }
}
