package import Accounts
package import Gateway
package import Secrets
import SignIn

/// What the check reads, and what has changed since a node last looked.
extension PortalStore {
    package func visit(_ digest: TokenDigest) async throws(StoreError) -> ApplicationVisit? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    """
                    SELECT \(Rows.session), \(Rows.user), \(Rows.account),
                    (SELECT count(*) FROM authenticator u WHERE u.person_id = p.id), v.id, v.application_id, v.created_at,
                    v.origin
                    FROM application_session v JOIN portal_session s ON s.id = v.portal_session_id
                    JOIN person p ON p.id = s.person_id JOIN account a ON a.id = p.account_id
                    WHERE v.digest = $1
                    """,
                    [digest]
                )
            else { return nil }
            let portal = try Rows.session(row)
            let user = try Rows.user(row, from: Rows.sessionColumns)
            let accountStart = Rows.sessionColumns + Rows.userColumns
            let rest = accountStart + Rows.accountColumns
            let session = ApplicationSession(
                id: try row.id(rest + 1),
                digest: digest,
                applicationID: try row.id(rest + 2),
                portalSessionID: portal.id,
                userID: user.id,
                accountID: user.accountID,
                createdAt: try row.time(rest + 3),
                origin: try row.text(rest + 4)
            )
            let view = SessionView(
                session: portal,
                user: user,
                account: try Rows.account(row, from: accountStart),
                permissions: Permissions(),
                hasTwoFactor: try row.integer(rest) > 0
            )
            let roles = try ApplicationReader(connection: connection).roles(of: user.id)
            return ApplicationVisit(session: session, portal: view, roles: roles)
        }
    }

    package func bearer(_ digest: TokenDigest) async throws(StoreError) -> APITokenBearer? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    """
                    SELECT \(ApplicationRows.token), \(Rows.user), a.require_two_factor,
                    EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id)
                    FROM api_token k JOIN person p ON p.id = k.person_id JOIN account a ON a.id = p.account_id
                    WHERE k.digest = $1
                    """,
                    [digest]
                )
            else { return nil }
            let id: APIToken.ID = try row.id(0)
            let user = try Rows.user(row, from: ApplicationRows.tokenColumns)
            let rest = ApplicationRows.tokenColumns + Rows.userColumns
            return APITokenBearer(
                token: try ApplicationRows.token(row, applications: try Self.scope(of: id, connection)),
                visitor: Visitor(user: user, roles: try ApplicationReader(connection: connection).roles(of: user.id)),
                hasTwoFactor: try row.bool(rest + 1),
                requiresTwoFactor: try row.bool(rest)
            )
        }
    }

    static func scope(
        of token: APIToken.ID,
        _ connection: any SQLConnection
    ) throws(StoreError) -> Set<Application.ID> {
        var ids: Set<Application.ID> = []
        for row in try connection.query(
            "SELECT application_id FROM api_token_application WHERE token_id = $1",
            [token]
        ) { ids.insert(try row.id(0)) }
        return ids
    }

    package func newestChange() async throws(StoreError) -> Int64 {
        try await database.read { connection in
            guard let row = try connection.first("SELECT coalesce(max(id), 0) FROM access_change", []) else { return 0 }
            return try row.integer(0)
        }
    }

    package func changes(after number: Int64) async throws(StoreError) -> [AccessChangeRecord] {
        try await database.read { connection in
            try connection.query(
                "SELECT id, person_id, account_id FROM access_change WHERE id > $1 ORDER BY id",
                [number]
            ).map { row in
                let change: SessionEnding = row.isNull(1) ? .account(try row.id(2)) : .person(try row.id(1))
                return AccessChangeRecord(number: try row.integer(0), change: change)
            }
        }
    }

    package func touch(_ uses: [AccessUse], at now: UnixTime) async throws(StoreError) {
        guard !uses.isEmpty else { return }
        try await database.write { connection in
            for use in uses {
                switch use {
                case .portalSession(let id, let time):
                    try connection.execute(
                        "UPDATE portal_session SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1",
                        [min(time, now), id]
                    )
                case .apiToken(let id, let time):
                    try connection.execute(
                        """
                        UPDATE api_token SET last_used_at = $1
                        WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)
                        """,
                        [min(time, now), id]
                    )
                }
            }
            return ()
        }
    }

    package func noteUnpinned(_ questions: [Application.ID: UnixTime]) async throws(StoreError) {
        guard !questions.isEmpty else { return }
        try await database.write { connection in
            // Always in the same order, so that no two nodes wait for each other.
            for (id, time) in questions.sorted(by: { $0.key.description < $1.key.description }) {
                try connection.execute(
                    "UPDATE application SET unpinned_at = $1 WHERE id = $2 AND (unpinned_at IS NULL OR unpinned_at < $1)",
                    [time, id]
                )
            }
            return ()
        }
    }

    package func unpinned(
        _ account: Account.ID,
        since time: UnixTime
    ) async throws(StoreError) -> [Application.ID: UnixTime] {
        try await database.read { connection in
            var found: [Application.ID: UnixTime] = [:]
            for row in try connection.query(
                "SELECT id, unpinned_at FROM application WHERE account_id = $1 AND unpinned_at >= $2",
                [account, time]
            ) { found[try row.id(0)] = try row.time(1) }
            return found
        }
    }
}
