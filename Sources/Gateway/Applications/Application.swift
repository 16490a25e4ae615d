package import Accounts
package import Secrets
package import SignIn

/// How strongly somebody must have signed in.
package enum Assurance: String, Sendable, CaseIterable, Comparable {
    case password
    case twoFactor = "two-factor"

    package static func < (left: Assurance, right: Assurance) -> Bool { left == .password && right == .twoFactor }
}

/// Who may use an application.
package enum Audience: Sendable, Equatable {
    /// Everybody of the account.
    case everybody
    /// Whoever has one of these roles. Without any left (its roles were deleted) nobody, Account Admins apart: taking a
    /// role away must not open a door.
    case roles(Set<Role.ID>)

    /// A form that names no role means everybody.
    package init(chosen ids: some Sequence<Role.ID>) {
        let ids = Set(ids)
        self = ids.isEmpty ? .everybody : .roles(ids)
    }

    package var roleIDs: Set<Role.ID> {
        switch self {
        case .everybody: []
        case .roles(let ids): ids
        }
    }
}

/// A web console behind the portal: one origin, who may use it, and how strongly they must have signed in.
package struct Application: Sendable, Equatable {
    package typealias ID = Secrets.ID<Application>

    /// Hours that may have gone by since somebody logged in at the portal; its own limits may end it sooner.
    package static let sessionHourRange = 1...720

    package var id: ID
    package var accountID: Account.ID
    package var name: String
    package var origin: Origin
    package var assurance: Assurance
    /// Nil: as long as the portal's session.
    package var sessionHours: Int?
    /// Takes encoded slashes and the like as they are. Only an application without rules for paths may, since its
    /// answer cannot depend on how a path is read.
    package var allowsEncodedPaths: Bool
    package var headers: IdentityHeaderNames
    package var audience: Audience
    package var rules: [PathRule]

    package init(
        id: ID,
        accountID: Account.ID,
        name: String,
        origin: Origin,
        assurance: Assurance = .twoFactor,
        sessionHours: Int? = nil,
        allowsEncodedPaths: Bool = false,
        headers: IdentityHeaderNames = .standard,
        audience: Audience = .everybody,
        rules: [PathRule] = []
    ) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.origin = origin
        self.assurance = assurance
        self.sessionHours = sessionHours
        self.allowsEncodedPaths = allowsEncodedPaths
        self.headers = headers
        self.audience = audience
        self.rules = rules
    }

    /// From when on the application asks for a new sign-in, however often the old one is handed over; nil is never.
    package func end(of session: PortalSession) -> UnixTime? {
        sessionHours.map { session.createdAt + Int64($0) * 3600 }
    }

    /// Whether somebody with these roles may use it; an Account Admin overrides every role (S-29).
    package func admits(_ user: User, roles: some Sequence<Role.ID>) -> Bool {
        guard user.accountID == accountID else { return false }
        if user.isAccountAdmin { return true }
        switch audience {
        case .everybody: return true
        case .roles(let ids): return roles.contains { ids.contains($0) }
        }
    }
}
