package import Accounts
import Secrets

extension PortalStore {
    package func activity(
        _ account: Account.ID,
        _ query: ActivityQuery
    ) async throws(StoreError) -> Page<ActivityRecord> {
        try await database.read { connection in
            var condition = "account_id = $1"
            var values: [any SQLConvertible] = [account]
            func add(_ text: (String) -> String, _ value: any SQLConvertible) {
                values.append(value)
                condition += " AND " + text("$\(values.count)")
            }
            if let user = query.userID { add({ "(actor_id = \($0) OR subject_id = \($0))" }, user) }
            if let from = query.from { add({ "happened_at >= \($0)" }, from) }
            if let until = query.until { add({ "happened_at < \($0)" }, until) }
            if !query.text.isEmpty {
                let columns = [
                    "actor_name", "actor_login", "subject_name", "subject_login", "address", "kind", "parameters",
                ]
                add(
                    { mark in
                        "(" + columns.map { "lower(\($0)) LIKE \(mark) ESCAPE '!'" }.joined(separator: " OR ") + ")"
                    },
                    LikePattern.containing(query.text.lowercased())
                )
            }
            let total = try connection.count("SELECT count(*) FROM activity WHERE \(condition)", values)
            let next = values.count
            let rows = try connection.query(
                """
                SELECT id, happened_at, kind, actor_name, actor_login, subject_name, subject_login, address,
                parameters, times FROM activity WHERE \(condition)
                ORDER BY id DESC LIMIT $\(next + 1) OFFSET $\(next + 2)
                """,
                values + [query.pageSize, (max(1, query.page) - 1) * query.pageSize]
            )
            return Page(items: try rows.map(Self.record), total: total)
        }
    }

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
