package import Accounts
import OneTimePassword
package import Secrets

/// Whom a decision is about.
package enum SubjectQuery: Sendable {
    /// Whoever claims this login.
    case login(Login)
    case attempt(TokenDigest)
    case session(TokenDigest)
}

/// What a decision looks at beyond user, account and authenticators; the rest is not read.
package struct SubjectParts: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let recoveryCodes = SubjectParts(rawValue: 1)
    package static let pending = SubjectParts(rawValue: 2)
    package static let permissions = SubjectParts(rawValue: 4)
    package static let configuredAdmins = SubjectParts(rawValue: 8)
    /// The authenticators' secrets, opened: for a decision that judges a code.
    package static let secrets = SubjectParts(rawValue: 16)
    package static let all: SubjectParts = [.recoveryCodes, .pending, .permissions, .configuredAdmins, .secrets]
}

/// What a decision needs to be read.
package struct SubjectRequest: Sendable {
    package let query: SubjectQuery
    package let parts: SubjectParts
    package let throttles: [ThrottleKind]
    package let source: RequestSource
    package var browser = Browser.presented

    /// Whose counters a guess is counted under, beside those of login and address.
    package enum Browser: Sendable, Equatable {
        /// The one of those that the request brought which is known.
        case presented
        /// The one, if any, that the guess was charged to: what is handed back must be what was taken, whatever has
        /// become of the browser since.
        case charged(TokenDigest?)
    }

    package init(_ query: SubjectQuery, _ parts: SubjectParts, throttles: [ThrottleKind], source: RequestSource) {
        self.query = query
        self.parts = parts
        self.throttles = throttles
        self.source = source
    }

    /// The request of the second decision about a guess that was charged in the first.
    func charged(to browser: TokenDigest?) -> SubjectRequest {
        var request = self
        request.browser = .charged(browser)
        return request
    }
}

/// What signing in needs of a store.
package protocol SignInStore: Sendable {
    /// Reads the state, asks the rule, and applies its commit, all in one transaction. The rule may be asked again on
    /// a conflict; after the third it is `StoreError.conflict`. Not undone by cancelling the caller.
    func decide<Outcome: Sendable>(
        _ request: SubjectRequest,
        at now: UnixTime,
        _ rule: @escaping @Sendable (SignInState) -> Decision<Outcome>
    ) async throws(StoreError) -> Outcome

    /// What a decision would look at now; one that is taken later reads it anew.
    func state(_ request: SubjectRequest) async throws(StoreError) -> SignInState

    func sessionView(_ digest: TokenDigest) async throws(StoreError) -> SessionView?
    func touchSession(_ id: PortalSession.ID, at now: UnixTime) async throws(StoreError)
    /// Ends the session and opens the attempt in its place, in one transaction; false when it is gone already.
    func divert(
        _ session: PortalSession,
        to attempt: SignInAttempt,
        entry: ActivityEntry,
        at now: UnixTime
    ) async throws(StoreError) -> Bool

    /// Ends a half-finished sign-in that somebody left; nothing happens when it is gone.
    func endAttempt(_ digest: TokenDigest, source: RequestSource, at now: UnixTime) async throws(StoreError)

    /// The live attempt with its person, to show the page of its stage.
    func attemptView(_ digest: TokenDigest, at now: UnixTime) async throws(StoreError) -> AttemptView?
    func ownView(_ session: PortalSession.ID) async throws(StoreError) -> OwnView?

    func link(_ digest: TokenDigest, at now: UnixTime) async throws(StoreError) -> LinkView?
    /// Sets the password of the link's person and spends the link; nil when it is spent or expired.
    func spendLink(
        _ digest: TokenDigest,
        hash: PasswordHash,
        source: RequestSource,
        at now: UnixTime
    ) async throws(StoreError) -> User?
}

/// For the pages of a half-finished sign-in.
package struct AttemptView: Sendable {
    package let attempt: SignInAttempt
    package let subject: Subject

    package init(attempt: SignInAttempt, subject: Subject) {
        self.attempt = attempt
        self.subject = subject
    }
}

/// For the pages about one's own login.
package struct OwnView: Sendable {
    package let subject: Subject
    /// Codes not yet used.
    package let recoveryCodesLeft: Int
    /// Fresh codes that wait to be kept; empty afterwards.
    package let unkeptRecoveryCodes: [RecoveryCode]
    package let sessions: [PortalSession]
    package let agentSessions: [AgentSession]
    /// Enabled Account Admins of the account.
    package let enabledAdmins: Int

    package init(
        subject: Subject,
        recoveryCodesLeft: Int,
        unkeptRecoveryCodes: [RecoveryCode],
        sessions: [PortalSession],
        agentSessions: [AgentSession],
        enabledAdmins: Int
    ) {
        self.subject = subject
        self.recoveryCodesLeft = recoveryCodesLeft
        self.unkeptRecoveryCodes = unkeptRecoveryCodes
        self.sessions = sessions
        self.agentSessions = agentSessions
        self.enabledAdmins = enabledAdmins
    }
}

/// A one-time link that is still good.
package struct LinkView: Sendable {
    package let kind: BearerKind
    /// Nil for the first run.
    package let user: User?
    package let accountName: String

    package init(kind: BearerKind, user: User?, accountName: String) {
        self.kind = kind
        self.user = user
        self.accountName = accountName
    }
}
