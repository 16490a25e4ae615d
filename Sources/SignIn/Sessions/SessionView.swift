package import Accounts
package import Secrets

/// What one request of a signed-in person needs to know, read at every request: rights end when they are taken.
package struct SessionView: Sendable {
    package var session: PortalSession
    package var user: User
    package var account: Account
    package var permissions: Permissions
    package var hasTwoFactor: Bool

    package init(
        session: PortalSession,
        user: User,
        account: Account,
        permissions: Permissions,
        hasTwoFactor: Bool
    ) {
        self.session = session
        self.user = user
        self.account = account
        self.permissions = permissions
        self.hasTwoFactor = hasTwoFactor
    }
}

/// Whether a session opens pages now.
package enum SessionGate {
    package enum Verdict: Sendable, Equatable {
        case open
        /// Expired, or its user may not sign in any more.
        case ended
        /// The account requires two-factor and this person has none: an attempt takes the session's place (S-37).
        case divert
    }

    /// Sessions are touched at most this often, so that reading pages does not mean writing.
    package static let touchSeconds: Int64 = 30

    package static func verdict(_ view: SessionView, at now: UnixTime) -> Verdict {
        guard view.user.isEnabled, view.session.isLive(at: now, limits: view.account.sessionLimits) else {
            return .ended
        }
        if view.account.requiresTwoFactor, !view.hasTwoFactor { return .divert }
        // Somebody who has two-factor never works in a session that did not pass it (threats C13).
        if view.hasTwoFactor, !view.session.methods.passedTwoFactor { return .ended }
        return .open
    }
}
