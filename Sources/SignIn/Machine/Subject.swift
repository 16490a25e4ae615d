package import Accounts
package import OneTimePassword
package import Secrets

/// An authenticator app that a person has proven to hold.
package struct Authenticator: Sendable {
    package typealias ID = Secrets.ID<Authenticator>

    package enum Secret: Sendable {
        case readable(OTPSharedSecret)
        /// Left sealed, since the decision judges no code; where one does all the same, it denies.
        case sealed
        /// The sealed value does not open: it denies, and never means "no second factor" (INV-8).
        case unreadable
    }

    package static let maximumPerUser = 8

    package var id: ID
    package var name: String
    package var secret: Secret
    /// Steps up to this one are spent (RFC 6238 5.2).
    package var lastAcceptedStep: TimeStep
    package var createdAt: UnixTime
    package var lastUsedAt: UnixTime?

    package init(
        id: ID,
        name: String,
        secret: Secret,
        lastAcceptedStep: TimeStep,
        createdAt: UnixTime,
        lastUsedAt: UnixTime? = nil
    ) {
        self.id = id
        self.name = name
        self.secret = secret
        self.lastAcceptedStep = lastAcceptedStep
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// A secret that was shown and is not proven yet.
package struct PendingEnrolment: Sendable {
    package typealias ID = Secrets.ID<PendingEnrolment>

    package static let lifetimeSeconds: Int64 = 30 * 60
    package static let maximumWrongPairs = 20

    package var id: ID
    package var secret: OTPSharedSecret
    package var expiresAt: UnixTime
    package var wrongPairs: Int
    /// The session that began it on Details; nil inside sign-in.
    package var sessionID: PortalSession.ID?
    /// The half-finished sign-in that it was made in; nil on Details.
    package var attemptID: SignInAttempt.ID?
    /// Where it was made, and where else somebody with the password has seen it since.
    package var address: String
    package var otherAddress: String?
    /// After a recovery code: the lost authenticators go when this one is proven.
    package var replacesOthers: Bool

    package init(
        id: ID,
        secret: OTPSharedSecret,
        expiresAt: UnixTime,
        wrongPairs: Int = 0,
        sessionID: PortalSession.ID? = nil,
        attemptID: SignInAttempt.ID? = nil,
        address: String = "",
        otherAddress: String? = nil,
        replacesOthers: Bool = false
    ) {
        self.id = id
        self.secret = secret
        self.expiresAt = expiresAt
        self.wrongPairs = wrongPairs
        self.sessionID = sessionID
        self.attemptID = attemptID
        self.address = address
        self.otherAddress = otherAddress
        self.replacesOthers = replacesOthers
    }

    /// Where another sign-in than this one has seen the secret; nil when none has.
    package func seenElsewhere(than attempt: SignInAttempt.ID) -> String? {
        guard let attemptID, attemptID != attempt else { return otherAddress }
        return address
    }
}

/// What the store knows of a person, read in the transaction that decides about them.
package struct Subject: Sendable {
    package var user: User
    package var account: Account
    package var permissions: Permissions
    /// Nil until an invitation or a reset link is used.
    package var passwordHash: PasswordHash?
    package var mustChangePassword: Bool
    package var authenticators: [Authenticator]
    package var recoveryCodes: Set<TokenDigest>
    /// Fresh recovery codes wait until the person says that they are kept.
    package var hasUnkeptCodes = false
    package var pending: PendingEnrolment?
    /// Enabled admins of the account who have two-factor configured.
    package var configuredAdmins: Int

    package init(
        user: User,
        account: Account,
        permissions: Permissions = Permissions(),
        passwordHash: PasswordHash? = nil,
        mustChangePassword: Bool = false,
        authenticators: [Authenticator] = [],
        recoveryCodes: Set<TokenDigest> = [],
        pending: PendingEnrolment? = nil,
        configuredAdmins: Int = 0
    ) {
        self.user = user
        self.account = account
        self.permissions = permissions
        self.passwordHash = passwordHash
        self.mustChangePassword = mustChangePassword
        self.authenticators = authenticators
        self.recoveryCodes = recoveryCodes
        self.pending = pending
        self.configuredAdmins = configuredAdmins
    }

    package var hasTwoFactor: Bool { !authenticators.isEmpty }

    /// The person for the activity log.
    package var person: ActivityPerson { ActivityPerson(user) }

    /// The one that counts as the hash to check: nothing of a disabled user or one without a password.
    package var usablePasswordHash: PasswordHash? { user.isEnabled ? passwordHash : nil }
}
