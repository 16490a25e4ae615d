package import Accounts
import Secrets

extension PortalStore {
    package func activity(
        _ account: Account.ID,
        _ query: ActivityQuery
    ) async throws(StoreError) -> Page<ActivityRecord> {
        try await database.read { connection in
            let filter = ActivitySelection(account, query)
            let total = try connection.count("SELECT count(*) FROM activity WHERE \(filter.condition)", filter.values)
            let size = Page<ActivityRecord>.size
            let next = filter.values.count
            let rows = try connection.query(
                """
                \(Self.activityColumns) WHERE \(filter.condition)
                ORDER BY id DESC LIMIT $\(next + 1) OFFSET $\(next + 2)
                """,
                filter.values + [size, (max(1, query.page) - 1) * size]
            )
            return Page(items: try rows.map(Self.record), total: total)
        }
    }

    package func activity(
        _ account: Account.ID,
        _ query: ActivityQuery,
        before number: Int64?,
        limit: Int
    ) async throws(StoreError) -> [ActivityRecord] {
        try await database.read { connection in
            var filter = ActivitySelection(account, query)
            // By key and not by OFFSET, which would read all that has been read before, again and again.
            if let number { filter.add({ "id < \($0)" }, number) }
            let rows = try connection.query(
                "\(Self.activityColumns) WHERE \(filter.condition) ORDER BY id DESC LIMIT $\(filter.values.count + 1)",
                filter.values + [limit]
            )
            return try rows.map(Self.record)
        }
    }

    /// The newest entries that belong to no account, for the operator.
    package func activityWithoutAccount(limit: Int) async throws(StoreError) -> [ActivityRecord] {
        try await database.read { connection in
            let sql = "\(Self.activityColumns) WHERE account_id IS NULL ORDER BY id DESC LIMIT $1"
            return try connection.query(sql, [limit]).map(Self.record)
        }
    }

    private static let activityColumns = """
        SELECT id, happened_at, kind, actor_name, actor_login, subject_name, subject_login, address, parameters, times
        FROM activity
        """

    private static func record(_ row: SQLRow) throws(StoreError) -> ActivityRecord {
        ActivityRecord(
            number: try row.integer(0),
            happenedAt: try row.time(1),
            kind: ActivityKind(rawValue: try row.text(2)),
            actorName: try row.text(3),
            actorLogin: try row.text(4),
            subjectName: try row.text(5),
            subjectLogin: try row.text(6),
            address: try row.text(7),
            parameters: ActivityParameters.decode(try row.text(8)),
            times: Int(try row.integer(9))
        )
    }
}

/// Which entries a query means, as a condition with its values.
private struct ActivitySelection {
    private(set) var condition = "account_id = $1"
    private(set) var values: [any SQLConvertible]

    init(_ account: Account.ID, _ query: ActivityQuery) {
        values = [account]
        if let user = query.userID { add({ "(actor_id = \($0) OR subject_id = \($0))" }, user) }
        if let from = query.from { add({ "happened_at >= \($0)" }, from) }
        if let until = query.until { add({ "happened_at < \($0)" }, until) }
        guard !query.text.isEmpty else { return }
        let columns = ["actor_name", "actor_login", "subject_name", "subject_login", "address", "kind", "parameters"]
        add(
            { mark in "(" + columns.map { "lower(\($0)) LIKE \(mark) ESCAPE '!'" }.joined(separator: " OR ") + ")" },
            LikePattern.containing(query.text.lowercased())
        )
    }

    mutating func add(_ text: (String) -> String, _ value: any SQLConvertible) {
        values.append(value)
        condition += " AND " + text("$\(values.count)")
    }
}
