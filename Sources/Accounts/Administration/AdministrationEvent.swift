package import Secrets

/// A change that somebody asks for.
package enum AdministrationEvent: Sendable {
    // The account
    case requireTwoFactor(Bool)
    case allowAgentSignIn(Bool)
    case limitSessions(SessionLimits)
    case changeAccount(name: String, email: String, timeZone: String)
    // People
    case createUser(NewUser)
    case disableUser
    case enableUser
    case deleteUser
    case setRoles([Role.ID])
    case grantAdmin
    case revokeAdmin
    case resetTwoFactor(reason: String)
    case resetPassword(OneTimeLink)
    /// From the command line alone.
    case setPassword(PasswordHash, mustChange: Bool)
    case endSessions
    case endAPIToken(Identifier)
    // Roles
    case createRole(Role)
    case changeRole(Role)
    case deleteRole(Role.ID)
}

extension AdministrationEvent {
    /// Whether it gives somebody more, or makes a way in easier. What only takes a way in can be done at any time, so that
    /// nobody waits for a phone to shut somebody out.
    package func weakensOrGrants(in account: Account) -> Bool {
        switch self {
        case .requireTwoFactor(let on): !on
        case .allowAgentSignIn(let on): on
        case .limitSessions(let limits):
            limits.idleMinutes > account.sessionLimits.idleMinutes
                || limits.lifetimeHours > account.sessionLimits.lifetimeHours
        // A role or a right taken away can give, too: it may be the one that keeps agents out, or the last that could
        // undo something.
        case .createUser, .enableUser, .setRoles, .grantAdmin, .revokeAdmin, .resetTwoFactor, .resetPassword,
            .setPassword, .createRole, .changeRole, .deleteRole:
            true
        case .changeAccount, .disableUser, .deleteUser, .endSessions, .endAPIToken: false
        }
    }
}

/// Why a change is not made.
package enum AdministrationRefusal: String, Error, Sendable, Equatable {
    /// The session ended, or goes on under another token, since the request began.
    case sessionEnded
    case accessDenied
    /// No such person or role in this account.
    case notFound
    /// The last Account Admin who can sign in.
    case lastAdmin
    /// The acting admin has no two-factor of their own yet (S-09).
    case configureOwnFirst
    /// No enabled admin has two-factor (command line).
    case adminFirst
    /// The session did not pass two-factor, while its owner has it.
    case twoFactorRequired
    /// One's own authenticators are changed on Accounts > Details, with a token.
    case ownLogin
    /// It would give more than the acting person has.
    case exceedsOwnPermissions
    /// The login opened applications as somebody else's, less than a year ago.
    case loginReserved
    case loginTaken
    case roleNameTaken
}

/// What one transaction writes for an accepted change.
package enum AdministrationEffect: Sendable {
    case setRequirement(Bool)
    case setAgentSignIn(Bool)
    case setSessionLimits(SessionLimits)
    case setAccount(name: String, email: String, timeZone: String)
    case insertUser(NewUser)
    case setEnabled(User.ID, Bool)
    case deleteUser(User.ID)
    case setRoles(User.ID, [Role.ID])
    case setAdmin(User.ID, Bool)
    /// Authenticators, recovery codes, pending enrolments and the closed factor.
    case clearTwoFactor(User.ID)
    /// The old password stops working at once; the link sets a new one.
    case replacePasswordByLink(User.ID, OneTimeLink)
    case setPassword(User.ID, PasswordHash, mustChange: Bool)
    /// Portal sessions and half-finished sign-ins.
    case endPortalSessions(User.ID)
    case endAgentSessions(User.ID)
    case endAllAgentSessions
    case endAPITokens(User.ID)
    case endAPIToken(User.ID, Identifier)
    /// Of this person, or of everybody: what tokens open at applications that their owner may not use any more.
    case endUnreachableTokens(User.ID?)
    case insertRole(Role)
    case updateRole(Role)
    case deleteRole(Role.ID)
}

/// The rule's answer.
package enum AdministrationDecision: Sendable {
    case refused(AdministrationRefusal)
    /// `breaksLastAdmin` is true only for the command line, which warns but may.
    case accepted([AdministrationEffect], ActivityEntry, breaksLastAdmin: Bool)
    /// It would be accepted after a fresh proof; the entry says what would be done.
    case needsProof(ActivityEntry)
}
