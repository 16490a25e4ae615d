package import Accounts
package import Secrets
package import SignIn

/// A portal session, handed over once to one application. Opens forward-auth of that application and nothing else.
package struct ApplicationSession: Sendable, Equatable {
    package typealias ID = Secrets.ID<ApplicationSession>

    package var id: ID
    package var digest: TokenDigest
    package var applicationID: Application.ID
    package var portalSessionID: PortalSession.ID
    package var userID: User.ID
    package var accountID: Account.ID
    package var createdAt: UnixTime
    /// Where the application was when it was opened; empty in one that an older program made.
    package var origin: String

    package init(
        id: ID,
        digest: TokenDigest,
        applicationID: Application.ID,
        portalSessionID: PortalSession.ID,
        userID: User.ID,
        accountID: Account.ID,
        createdAt: UnixTime,
        origin: String
    ) {
        self.id = id
        self.digest = digest
        self.applicationID = applicationID
        self.portalSessionID = portalSessionID
        self.userID = userID
        self.accountID = accountID
        self.createdAt = createdAt
        self.origin = origin
    }

    /// Whether it was opened where the application still is: a cookie is a host's, and that may be another's by now.
    package func isOf(_ application: Application) -> Bool {
        applicationID == application.id && (origin.isEmpty || origin == application.origin.text)
    }
}

/// Who stands behind a credential, as they are at the moment of reading.
package struct Visitor: Sendable {
    package var user: User
    package var roles: [Role.ID: String]

    package init(user: User, roles: [Role.ID: String]) {
        self.user = user
        self.roles = roles
    }

    package var roleNames: [String] { roles.values.sorted() }
}

/// An application's session with all that a decision about it looks at.
package struct ApplicationVisit: Sendable {
    package var session: ApplicationSession
    /// The portal session that it hangs on, with its person and account.
    package var portal: SessionView
    package var roles: [Role.ID: String]

    package init(session: ApplicationSession, portal: SessionView, roles: [Role.ID: String]) {
        self.session = session
        self.portal = portal
        self.roles = roles
    }

    package var visitor: Visitor { Visitor(user: portal.user, roles: roles) }

    /// From when on it opens nothing, whatever happens.
    package func end(in application: Application) -> UnixTime {
        let portalEnd = portal.session.createdAt + Int64(portal.account.sessionLimits.lifetimeHours) * 3600
        return min(portalEnd, application.end(of: portal.session) ?? portalEnd)
    }
}
