package import Secrets

/// Who asks for a change.
package enum Actor: Sendable, Equatable {
    /// A signed-in person. The session is read again in the transaction: it may have ended, or gone on under another
    /// token, since the request began.
    case person(User.ID, session: TokenDigest, address: String)
    /// Whoever may run commands on the server: the last resort.
    case server
}

/// What a rule of administration needs to know, read in the transaction that applies its decision.
package struct AdministrationState: Sendable {
    package var account: Account
    /// Nil for the server's command line.
    package var actor: ActingUser?
    /// The person whom the event is about.
    package var target: TargetUser?
    /// Account Admins who are enabled and have a password, without the target.
    package var otherAbleAdmins: Int
    /// Enabled Account Admins with two-factor configured.
    package var configuredAdmins: Int
    package var roles: [Role]
    /// Roles that open an application.
    package var keys: Set<Role.ID>
    /// The login of a new person opened applications as somebody else's, less than a year ago.
    package var isLoginReserved = false
    /// Somebody, of whatever account, has the login of a new person.
    package var isLoginTaken = false

    package init(
        account: Account,
        actor: ActingUser?,
        target: TargetUser? = nil,
        otherAbleAdmins: Int = 1,
        configuredAdmins: Int = 0,
        roles: [Role] = [],
        keys: Set<Role.ID> = []
    ) {
        self.account = account
        self.actor = actor
        self.target = target
        self.otherAbleAdmins = otherAbleAdmins
        self.configuredAdmins = configuredAdmins
        self.roles = roles
        self.keys = keys
    }
}

/// The person who acts, as they are at this moment (a demoted admin has no power left, threats F07).
package struct ActingUser: Sendable {
    package var user: User
    package var permissions: Permissions
    package var roleIDs: Set<Role.ID>
    package var hasTwoFactor: Bool
    package var passedTwoFactor: Bool
    package var proof: FreshProof
    package var address: String

    package init(
        user: User,
        permissions: Permissions,
        roleIDs: Set<Role.ID> = [],
        hasTwoFactor: Bool,
        passedTwoFactor: Bool,
        proof: FreshProof,
        address: String
    ) {
        self.user = user
        self.permissions = permissions
        self.roleIDs = roleIDs
        self.hasTwoFactor = hasTwoFactor
        self.passedTwoFactor = passedTwoFactor
        self.proof = proof
        self.address = address
    }

    /// Whether they may do now what weakens or grants.
    package var isProven: Bool { proof.suffices(hasTwoFactor: hasTwoFactor) }
}

/// The person acted upon.
package struct TargetUser: Sendable {
    package var user: User
    package var hasPassword: Bool
    package var hasTwoFactor: Bool
    package var roleIDs: [Role.ID]
    /// Names of the API tokens.
    package var apiTokens: [Identifier: String]

    package init(
        user: User,
        hasPassword: Bool,
        hasTwoFactor: Bool,
        roleIDs: [Role.ID],
        apiTokens: [Identifier: String] = [:]
    ) {
        self.user = user
        self.hasPassword = hasPassword
        self.hasTwoFactor = hasTwoFactor
        self.roleIDs = roleIDs
        self.apiTokens = apiTokens
    }

    /// Counts towards "an administrator who can sign in".
    package var isAbleAdmin: Bool { user.isAccountAdmin && user.isEnabled && hasPassword }
}

/// A person to be, with the one way in that they get.
package struct NewUser: Sendable {
    package enum FirstCredential: Sendable {
        case invitation(OneTimeLink)
        case password(PasswordHash, mustChange: Bool)
    }

    package var user: User
    package var loginKey: String
    package var roleIDs: [Role.ID]
    package var credential: FirstCredential

    package init(user: User, loginKey: String, roleIDs: [Role.ID], credential: FirstCredential) {
        self.user = user
        self.loginKey = loginKey
        self.roleIDs = roleIDs
        self.credential = credential
    }
}

/// What the store keeps of a link that is spent once.
package struct OneTimeLink: Sendable {
    /// An invitation lives 72 hours, a password reset one.
    package static let invitationSeconds: Int64 = 72 * 3600
    package static let passwordResetSeconds: Int64 = 3600

    package let digest: TokenDigest
    package let kind: BearerKind
    package let expiresAt: UnixTime
    /// Who made it and saw it; it opens nothing that they lack when it is used. Nil for the server's command line, and in
    /// links from before this was kept.
    package let madeBy: User.ID?

    package init(digest: TokenDigest, kind: BearerKind, expiresAt: UnixTime, madeBy: User.ID? = nil) {
        self.digest = digest
        self.kind = kind
        self.expiresAt = expiresAt
        self.madeBy = madeBy
    }
}
