package import Accounts
package import Gateway
package import Secrets
package import SignIn

/// A person's API tokens.
extension PortalStore {
    package func apiTokens(_ user: User.ID) async throws(StoreError) -> [APIToken] {
        try await database.read { connection in
            try connection.query(
                "SELECT \(ApplicationRows.token) FROM api_token k WHERE k.person_id = $1 ORDER BY k.created_at DESC, k.id",
                [user]
            ).map { row in
                try ApplicationRows.token(row, applications: try Self.scope(of: try row.id(0), connection))
            }
        }
    }

    package func create(
        _ token: APIToken,
        by view: SessionView,
        address: String,
        at now: UnixTime
    ) async throws(StoreError) -> APITokenRefusal? {
        try await transact { connection in
            // Counted and written in one turn, and never beside what takes the person's tokens away: a change of the
            // account's roles and applications writes this row first.
            try connection.execute("UPDATE account SET name = name WHERE id = $1", [token.accountID])
            try Turns(connection: connection, keyRing: keyRing).take(token.userID)
            let subjects = SubjectReader(connection: connection, keyRing: keyRing)
            guard let live = try subjects.actingSession(view.session.digest, of: token.userID, at: now) else {
                return .sessionEnded
            }
            let reader = ApplicationReader(connection: connection)
            let applications = try reader.all(of: token.accountID)
            let names = applications.filter { token.applicationIDs.contains($0.id) }.map(\.name).sorted()
            let days = token.createdAt.distance(to: token.expiresAt) / (24 * 3600)
            let entry = entry(
                .apiTokenCreated,
                token.name,
                view,
                address,
                [
                    ActivityParameter("applications", names.joined(separator: ", ")),
                    ActivityParameter("days", String(days)),
                ]
            )
            let refusal = APITokenRules.refusal(
                of: token,
                methodsPassedTwoFactor: live.session.methods.passedTwoFactor,
                hasFreshProof: live.session.freshProof(at: now) == .secondFactor,
                visitor: Visitor(user: live.user, roles: try reader.roles(of: token.userID)),
                applications: applications,
                existing: try connection.count("SELECT count(*) FROM api_token WHERE person_id = $1", [token.userID]),
                entry: entry
            )
            if let refusal { return refusal }
            try connection.execute(
                """
                INSERT INTO api_token (id, digest, account_id, person_id, name, created_at, expires_at, reviewed)
                VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
                """,
                [token.id, token.digest, token.accountID, token.userID, token.name, token.createdAt, token.expiresAt]
            )
            try connection.execute(
                "UPDATE person SET has_opened = 1 WHERE id = $1 AND has_opened = 0",
                [token.userID]
            )
            for application in token.applicationIDs {
                try connection.execute(
                    "INSERT INTO api_token_application (account_id, token_id, application_id) VALUES ($1, $2, $3)",
                    [token.accountID, token.id, application]
                )
            }
            try ActivityWriter(connection: connection, now: now).append([entry])
            return nil
        }
    }

    package func revoke(
        _ token: APIToken.ID,
        by view: SessionView,
        address: String,
        at now: UnixTime
    ) async throws(StoreError) -> Bool {
        try await transactEnding(at: now) { connection in
            let rows = try connection.query(
                "DELETE FROM api_token WHERE id = $1 AND person_id = $2 RETURNING name",
                [token, view.user.id]
            )
            guard let row = rows.first else { return (false, []) }
            let entry = entry(.apiTokenRevoked, try row.text(0), view, address)
            try ActivityWriter(connection: connection, now: now).append([entry])
            return (true, [.person(view.user.id)])
        }
    }

    private func entry(
        _ kind: ActivityKind,
        _ name: String,
        _ view: SessionView,
        _ address: String,
        _ more: [ActivityParameter] = []
    ) -> ActivityEntry {
        ActivityEntry(
            kind,
            accountID: view.account.id,
            actor: ActivityPerson(view.user),
            address: address,
            parameters: [ActivityParameter("name", name)] + more
        )
    }
}
