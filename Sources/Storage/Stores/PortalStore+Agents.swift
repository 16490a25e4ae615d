package import Accounts
package import Agents
package import Secrets
package import SignIn

extension PortalStore: AgentStore {
    package func agentView(_ digest: TokenDigest) async throws(StoreError) -> AgentView? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    """
                    SELECT \(Rows.agentSession), \(Rows.user), \(Rows.account)
                    FROM agent_session g JOIN person p ON p.id = g.person_id JOIN account a ON a.id = p.account_id
                    WHERE g.digest = $1
                    """,
                    [digest]
                )
            else { return nil }
            let user = try Rows.user(row, from: Rows.agentSessionColumns)
            return AgentView(
                session: try Rows.agentSession(row),
                user: user,
                account: try Rows.account(row, from: Rows.agentSessionColumns + Rows.userColumns),
                permissions: try SubjectReader(connection: connection, keyRing: keyRing).permissions(user)
            )
        }
    }

    package func endAgentSession(
        _ session: AgentSession,
        entry: ActivityEntry,
        at now: UnixTime
    ) async throws(StoreError) {
        try await transactEnding(at: now) { connection in
            let commit = SignInCommit(effects: [.endAgentSession(session.id, session.userID)], entries: [entry])
            try EffectWriter(connection: connection, keyRing: keyRing, now: now)
                .apply(commit)
            return ((), commit.endings)
        }
    }
}
