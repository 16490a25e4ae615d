package import Accounts
package import Secrets
package import SignIn

/// One use, 30 seconds, one application, one browser: what carries a portal session over to an application's host.
package struct HandOverTicket: Sendable, Equatable {
    package static let lifetimeSeconds: Int64 = 30

    package var digest: TokenDigest
    package var applicationID: Application.ID
    package var accountID: Account.ID
    package var portalSessionID: PortalSession.ID
    package var userID: User.ID
    /// Of the nonce that the browser holds on the application's host.
    package var nonce: TokenDigest
    package var returnTo: String
    /// Where the application was when it was made; it is good nowhere else. Empty in one that an older program made.
    package var origin: String
    package var expiresAt: UnixTime

    package init(
        digest: TokenDigest,
        applicationID: Application.ID,
        accountID: Account.ID,
        portalSessionID: PortalSession.ID,
        userID: User.ID,
        nonce: TokenDigest,
        returnTo: String,
        origin: String,
        expiresAt: UnixTime
    ) {
        self.digest = digest
        self.applicationID = applicationID
        self.accountID = accountID
        self.portalSessionID = portalSessionID
        self.userID = userID
        self.nonce = nonce
        self.returnTo = returnTo
        self.origin = origin
        self.expiresAt = expiresAt
    }
}

package enum HandOverRefusal: String, Sendable, Equatable {
    case unknown
    case expired
    case otherApplication = "other_application"
    case otherBrowser = "other_browser"
    case sessionEnded = "session_ended"
}

package enum HandOverRules {
    /// Nil when the ticket, which is spent by now whatever comes out, opens this application in this browser.
    package static func refusal(
        of ticket: HandOverTicket,
        at application: Application.ID,
        nonce: TokenDigest,
        now: UnixTime
    ) -> HandOverRefusal? {
        guard ticket.applicationID == application else { return .otherApplication }
        guard ticket.nonce == nonce else { return .otherBrowser }
        return now < ticket.expiresAt ? nil : .expired
    }

    /// Nil where the application still is at the address that the ticket was made for.
    package static func refusal(of ticket: HandOverTicket, in application: Application) -> HandOverRefusal? {
        ticket.origin.isEmpty || ticket.origin == application.origin.text ? nil : .otherApplication
    }
}

/// How a ticket that came back was taken.
package enum HandOverRedemption: Sendable {
    case opened(returnTo: String)
    case refused(HandOverRefusal)
}
