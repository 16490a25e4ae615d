import Accounts
import Secrets
import SignIn

/// Columns and how they turn into values, each list beside its decoder so that they cannot part.
enum Rows {
    static let user = "p.id, p.account_id, p.login, p.name, p.email, p.account_admin, p.enabled"

    static func user(_ row: SQLRow, from start: Int = 0) throws(StoreError) -> User {
        User(
            id: try row.id(start),
            accountID: try row.id(start + 1),
            login: try row.text(start + 2),
            name: try row.text(start + 3),
            email: try row.text(start + 4),
            isAccountAdmin: try row.bool(start + 5),
            isEnabled: try row.bool(start + 6)
        )
    }

    static let userColumns = 7

    static let account = """
        a.id, a.name, a.email, a.time_zone, a.require_two_factor, a.agent_sign_in, a.idle_minutes, a.lifetime_hours
        """

    static func account(_ row: SQLRow, from start: Int = 0) throws(StoreError) -> Account {
        Account(
            id: try row.id(start),
            name: try row.text(start + 1),
            email: try row.text(start + 2),
            timeZone: try row.text(start + 3),
            requiresTwoFactor: try row.bool(start + 4),
            allowsAgentSignIn: try row.bool(start + 5),
            sessionLimits: SessionLimits(
                uncheckedIdleMinutes: Int(try row.integer(start + 6)),
                lifetimeHours: Int(try row.integer(start + 7))
            )
        )
    }

    static let accountColumns = 8

    static let role =
        "r.id, r.account_id, r.name, r.description, r.accounts, r.devices, r.applications, r.setup, r.agent"

    static func role(_ row: SQLRow) throws(StoreError) -> Role {
        Role(
            id: try row.id(0),
            accountID: try row.id(1),
            name: try row.text(2),
            description: try row.text(3),
            permissions: Permissions(
                accounts: try level(row, 4),
                devices: try level(row, 5),
                applications: try level(row, 6),
                setup: try level(row, 7),
                agent: try row.bool(8)
            )
        )
    }

    private static func level(_ row: SQLRow, _ column: Int) throws(StoreError) -> AccessLevel {
        guard let level = AccessLevel(rawValue: try row.text(column)) else { throw .corrupt("unknown access level") }
        return level
    }

    static let session = """
        s.id, s.digest, s.person_id, s.account_id, s.methods, s.created_at, s.last_seen_at, s.address, s.user_agent,
        s.recovery_until, s.proven_at, s.proven_by, s.wrong_proofs
        """

    static func session(_ row: SQLRow, from start: Int = 0) throws(StoreError) -> PortalSession {
        PortalSession(
            id: try row.id(start),
            digest: try row.digest(start + 1),
            userID: try row.id(start + 2),
            accountID: try row.id(start + 3),
            methods: Set(text: try row.text(start + 4)),
            createdAt: try row.time(start + 5),
            lastSeenAt: try row.time(start + 6),
            address: try row.text(start + 7),
            userAgent: try row.text(start + 8),
            recoveryUntil: try row.optionalTime(start + 9),
            proof: try proof(row, from: start + 10),
            wrongProofs: Int(try row.integer(start + 12))
        )
    }

    private static func proof(_ row: SQLRow, from start: Int) throws(StoreError) -> SessionProof? {
        // A method that a newer program knows proves nothing here.
        guard let at = try row.optionalTime(start),
            let method = AuthenticationMethod(rawValue: try row.text(start + 1))
        else { return nil }
        return SessionProof(at: at, by: method)
    }

    static let sessionColumns = 13

    static let agentSession = """
        g.id, g.digest, g.person_id, g.account_id, g.created_at, g.expires_at, g.address, g.user_agent
        """

    static func agentSession(_ row: SQLRow, from start: Int = 0) throws(StoreError) -> AgentSession {
        AgentSession(
            id: try row.id(start),
            digest: try row.digest(start + 1),
            userID: try row.id(start + 2),
            accountID: try row.id(start + 3),
            createdAt: try row.time(start + 4),
            expiresAt: try row.time(start + 5),
            address: try row.text(start + 6),
            userAgent: try row.text(start + 7)
        )
    }

    static let agentSessionColumns = 8

    static let attempt = """
        t.id, t.digest, t.person_id, t.account_id, t.stage, t.methods, t.wrong_tokens, t.expires_at, t.return_to,
        t.version
        """

    static func attempt(_ row: SQLRow) throws(StoreError) -> SignInAttempt {
        guard let stage = AttemptStage(rawValue: try row.text(4)) else { throw .corrupt("unknown stage") }
        return SignInAttempt(
            id: try row.id(0),
            digest: try row.digest(1),
            userID: try row.id(2),
            accountID: try row.id(3),
            stage: stage,
            methods: Set(text: try row.text(5)),
            wrongTokens: Int(try row.integer(6)),
            expiresAt: try row.time(7),
            returnTo: try row.text(8),
            version: try row.integer(9)
        )
    }
}
