package import Accounts
package import Secrets

/// How somebody proved who they are (RFC 8176); the level is computed from these, never stored.
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    case password = "pwd"
    case otp
    /// A recovery code: a look-up secret of SP 800-63B 3.1.2.
    case lookUpSecret = "lookup"
}

extension Set<AuthenticationMethod> {
    package var passedTwoFactor: Bool { contains(.otp) || contains(.lookUpSecret) }

    /// For a column: `pwd otp`.
    package var text: String { map(\.rawValue).sorted().joined(separator: " ") }

    package init(text: String) {
        self.init(text.split(separator: " ").compactMap { AuthenticationMethod(rawValue: String($0)) })
    }
}

/// What a half-finished sign-in still lacks.
package enum AttemptStage: String, Sendable, CaseIterable {
    case token
    case newPassword = "new_password"
    case enrolment
    /// Enrolment that took the place of an open session: the password comes first, so that a stolen session without
    /// two-factor cannot bind the thief's phone.
    case enrolmentPassword = "enrolment_password"
}

/// A right password and nothing more. Opens the next step of its own sign-in.
package struct SignInAttempt: Sendable, Equatable {
    package typealias ID = Secrets.ID<SignInAttempt>

    package static let lifetimeSeconds: Int64 = 10 * 60
    package static let enrolmentLifetimeSeconds: Int64 = 30 * 60
    package static let maximumWrongTokens = 5

    package var id: ID
    package var digest: TokenDigest
    package var userID: User.ID
    package var accountID: Account.ID
    package var stage: AttemptStage
    package var methods: Set<AuthenticationMethod>
    package var wrongTokens: Int
    package var expiresAt: UnixTime
    /// A checked local path, or empty.
    package var returnTo: String
    package var version: Int64

    package init(
        id: ID,
        digest: TokenDigest,
        userID: User.ID,
        accountID: Account.ID,
        stage: AttemptStage,
        methods: Set<AuthenticationMethod>,
        wrongTokens: Int = 0,
        expiresAt: UnixTime,
        returnTo: String = "",
        version: Int64 = 0
    ) {
        self.id = id
        self.digest = digest
        self.userID = userID
        self.accountID = accountID
        self.stage = stage
        self.methods = methods
        self.wrongTokens = wrongTokens
        self.expiresAt = expiresAt
        self.returnTo = returnTo
        self.version = version
    }
}

/// A finished sign-in. Opens the portal, by role.
package struct PortalSession: Sendable, Equatable {
    package typealias ID = Secrets.ID<PortalSession>

    /// For so long after a recovery code a new authenticator may take the lost one's place without a code.
    package static let recoverySeconds: Int64 = 15 * 60

    package var id: ID
    package var digest: TokenDigest
    package var userID: User.ID
    package var accountID: Account.ID
    package var methods: Set<AuthenticationMethod>
    package var createdAt: UnixTime
    package var lastSeenAt: UnixTime
    package var address: String
    package var userAgent: String
    package var recoveryUntil: UnixTime?
    /// Nil in a session that was opened before there were any.
    package var proof: SessionProof?
    /// In a row, on the page that asks for a proof.
    package var wrongProofs: Int

    package init(
        id: ID,
        digest: TokenDigest,
        userID: User.ID,
        accountID: Account.ID,
        methods: Set<AuthenticationMethod>,
        createdAt: UnixTime,
        lastSeenAt: UnixTime,
        address: String,
        userAgent: String,
        recoveryUntil: UnixTime? = nil,
        proof: SessionProof? = nil,
        wrongProofs: Int = 0
    ) {
        self.id = id
        self.digest = digest
        self.userID = userID
        self.accountID = accountID
        self.methods = methods
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.address = address
        self.userAgent = userAgent
        self.recoveryUntil = recoveryUntil
        self.proof = proof
        self.wrongProofs = wrongProofs
    }

    package func isLive(at now: UnixTime, limits: SessionLimits) -> Bool {
        now < createdAt + Int64(limits.lifetimeHours) * 3600 && now < lastSeenAt + Int64(limits.idleMinutes) * 60
    }
}

/// A program that showed login and password. Opens the agent API and nothing else.
package struct AgentSession: Sendable, Equatable {
    package typealias ID = Secrets.ID<AgentSession>

    package static let lifetimeSeconds: Int64 = 12 * 3600

    package var id: ID
    package var digest: TokenDigest
    package var userID: User.ID
    package var accountID: Account.ID
    package var createdAt: UnixTime
    package var expiresAt: UnixTime
    package var address: String
    package var userAgent: String

    package init(
        id: ID,
        digest: TokenDigest,
        userID: User.ID,
        accountID: Account.ID,
        createdAt: UnixTime,
        expiresAt: UnixTime,
        address: String,
        userAgent: String
    ) {
        self.id = id
        self.digest = digest
        self.userID = userID
        self.accountID = accountID
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.address = address
        self.userAgent = userAgent
    }
}
