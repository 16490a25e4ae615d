import Accounts

/// Carries everything over from an embedded database, row by row as it stands: what is sealed stays sealed.
extension PostgresDatabase {
    package struct MovedTable: Sendable, Encodable {
        package let table: String
        package let rows: Int
    }

    private static let page = 500

    /// One transaction: the database has everything afterwards, or what it had before. The source is only read, in one
    /// snapshot.
    package func takeOver(_ source: SQLiteDatabase) async throws -> [MovedTable] {
        let moved = try await writeAtLength { to -> [MovedTable]? in
            try to.hold(["first run", "schema"])
            guard try to.count("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM person)", []) == 0 else {
                return nil
            }
            // A migration leaves the mark of a key file; the source's counts.
            try to.execute("DELETE FROM seal_check", [])
            try to.execute("DELETE FROM one_time_link", [])
            return try source.readNow { from in
                let tables = try Self.tables(from)
                let moved = try tables.map { MovedTable(table: $0, rows: try Self.copy($0, from, to)) }
                try Self.continueNumbers(to)
                return moved
            }
        }
        guard let moved else {
            throw OpenError(description: "The target has accounts already; a move needs an empty database.")
        }
        return moved
    }

    /// In the order in which they were made: a table that others point to comes before them.
    private static func tables(_ from: any SQLConnection) throws -> [String] {
        try from.query(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
            AND name <> 'schema_version' ORDER BY rowid
            """,
            []
        ).map { try $0.text(0) }
    }

    /// - Returns: how many rows there are, in both.
    private static func copy(_ table: String, _ from: any SQLConnection, _ to: any SQLConnection) throws -> Int {
        let columns = try from.query("SELECT name FROM pragma_table_info($1)", [table]).map { try $0.text(0) }
        let list = columns.joined(separator: ", ")
        let marks = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        let insert = "INSERT INTO \(table) (\(list)) VALUES (\(marks))"
        var last = Int64.min
        while true {
            let rows = try from.query(
                "SELECT rowid, \(list) FROM \(table) WHERE rowid > $1 ORDER BY rowid LIMIT \(page)",
                [last]
            )
            for row in rows { try to.execute(insert, Array(row.values.dropFirst())) }
            guard let end = rows.last else { break }
            last = try end.integer(0)
        }
        let counts = try [from, to].map { try $0.count("SELECT count(*) FROM \(table)", []) }
        guard counts[0] == counts[1] else {
            throw StoreError.corrupt("\(table): \(counts[0]) rows in the source, \(counts[1]) in the target")
        }
        return counts[0]
    }

    /// Numbers that the server gives go on behind the ones that were carried over.
    private static func continueNumbers(_ to: any SQLConnection) throws {
        let numbered = try to.query(
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND is_identity = 'YES'
            """,
            []
        )
        for row in numbered {
            let (table, column) = (try row.text(0), try row.text(1))
            _ = try to.query(
                """
                SELECT setval(pg_get_serial_sequence($1, $2), (SELECT coalesce(max(\(column)), 0) + 1 FROM \(table)),
                false)
                """,
                [table, column]
            )
        }
    }
}
