package import Accounts
package import Gateway
import Secrets

/// What was granted while a session alone could grant it, for somebody to look at once.
package struct GrantsToReview: Sendable {
    package struct Tokens: Sendable {
        package let login: String
        package let names: [String]
    }

    package struct Door: Sendable {
        package let application: Application
        /// Logins of those who made or changed it and are no Account Admins (any more).
        package let makers: [String]
    }

    package var tokens: [Tokens] = []
    package var doors: [Door] = []
}

extension PortalStore {
    /// What is not reviewed yet, and is from now on.
    package func grantsToReview(_ account: Account.ID) async throws(StoreError) -> GrantsToReview {
        let unreviewed = try await database.read { connection in
            try connection.count(
                """
                SELECT (SELECT count(*) FROM api_token WHERE account_id = $1 AND reviewed = 0)
                + (SELECT count(*) FROM application WHERE account_id = $1 AND reviewed = 0)
                """,
                [account]
            )
        }
        guard unreviewed > 0 else { return GrantsToReview() }
        return try await transact { connection in
            // Writing first: of two who ask at once one is told.
            try connection.execute("UPDATE account SET name = name WHERE id = $1", [account])
            let grants = try GrantsReader(connection: connection, account: account).read()
            for table in ["api_token", "application"] {
                try connection.execute(
                    "UPDATE \(table) SET reviewed = 1 WHERE account_id = $1 AND reviewed = 0",
                    [account]
                )
            }
            return grants
        }
    }
}

private struct GrantsReader {
    let connection: any SQLConnection
    let account: Account.ID

    func read() throws(StoreError) -> GrantsToReview {
        GrantsToReview(tokens: try tokens(), doors: try doors())
    }

    private func tokens() throws(StoreError) -> [GrantsToReview.Tokens] {
        var names: [String: [String]] = [:]
        let rows = try connection.query(
            """
            SELECT p.login, k.name FROM api_token k JOIN person p ON p.id = k.person_id
            WHERE k.account_id = $1 AND k.reviewed = 0
            """,
            [account]
        )
        for row in rows { names[try row.text(0), default: []].append(try row.text(1)) }
        return names.sorted { $0.key < $1.key }.map { .init(login: $0.key, names: $0.value.sorted()) }
    }

    private func doors() throws(StoreError) -> [GrantsToReview.Door] {
        var old: Set<String> = []
        for row in try connection.query("SELECT id FROM application WHERE account_id = $1 AND reviewed = 0", [account])
        {
            old.insert(try row.text(0))
        }
        guard !old.isEmpty else { return [] }
        let makers = try makers()
        return try ApplicationReader(connection: connection).all(of: account)
            .filter { old.contains($0.id.description) }
            .compactMap { application in
                let logins = makers[application.name, default: []].union(makers[application.origin.text, default: []])
                return logins.isEmpty ? nil : .init(application: application, makers: logins.sorted())
            }
    }

    /// Who is told to have worked on what: logins by the names and origins that the log has.
    private func makers() throws(StoreError) -> [String: Set<String>] {
        let kinds: [ActivityKind] = [.applicationCreated, .applicationChanged, .applicationRuleAdded]
        let rows = try connection.query(
            """
            SELECT e.actor_login, e.parameters FROM activity e WHERE e.account_id = $1 AND e.kind IN ($2, $3, $4)
            AND e.actor_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM person p WHERE p.id = e.actor_id AND p.account_admin = 1)
            """,
            [account] + kinds.map(\.rawValue)
        )
        var makers: [String: Set<String>] = [:]
        for row in rows {
            let login = try row.text(0)
            for fact in ActivityParameters.decode(try row.text(1)) where ["application", "origin"].contains(fact.name) {
                makers[fact.value, default: []].insert(login)
            }
        }
        return makers
    }
}
