import Accounts
package import OneTimePassword
package import Secrets

/// Where a sign-in stands, as read from the store.
package struct SignInState: Sendable {
    /// Nil before the password, or when the cookie names nothing.
    package var attempt: SignInAttempt?
    /// Where a signed-in person asks for something; live and expired alike.
    package var session: PortalSession?
    /// Whether the claim came as a typed login; otherwise a cookie named the attempt or the session.
    package var isCookieless = true
    /// Nil for a login that does not exist.
    package var subject: Subject?
    /// The login as a counter knows it, known or not.
    package var loginDigest: TokenDigest
    package var throttles: Throttles

    package init(
        attempt: SignInAttempt? = nil,
        session: PortalSession? = nil,
        subject: Subject?,
        loginDigest: TokenDigest,
        throttles: Throttles = Throttles()
    ) {
        self.attempt = attempt
        self.session = session
        self.subject = subject
        self.loginDigest = loginDigest
        self.throttles = throttles
    }
}

/// What happened. Slow work comes back as an event, too.
package enum SignInEvent: Sendable {
    /// Somebody typed login and password: may it be checked, and against what?
    case passwordSubmitted
    /// The check is done; `chargedAt` is when it was paid for.
    case passwordChecked(PasswordCheck, chargedAt: UnixTime)
    /// There was no room to check it: the charge goes back.
    case passwordAbandoned(chargedAt: UnixTime)
    /// Nil for what is no code at all.
    case tokenSubmitted(OneTimeCode?)
    case recoveryCodeSubmitted(TokenDigest)
    case newPasswordHashed(PasswordHash)
    case enrolmentOpened
    /// A secret in place of one that another sign-in has seen.
    case enrolmentRenewed
    /// A password that is nobody's (over 1,024 bytes): refused before it is hashed, so that it is not judged either.
    case passwordUnreadable
    case pairSubmitted(OneTimeCode?, OneTimeCode?)
}

/// The result of one Argon2id comparison.
package struct PasswordCheck: Sendable {
    /// What was compared with: the answer holds for that hash alone.
    package let against: PasswordHash
    package let matches: Bool
    /// A new hash of the same password where the parameters have changed.
    package let rehashed: PasswordHash?

    package init(against: PasswordHash, matches: Bool, rehashed: PasswordHash? = nil) {
        self.against = against
        self.matches = matches
        self.rehashed = rehashed
    }
}

/// Random values made before the decision, so that the machine has none of its own.
package struct FreshValues: Sendable {
    package let attemptID: SignInAttempt.ID
    package let attemptDigest: TokenDigest
    package let sessionID: PortalSession.ID
    package let sessionDigest: TokenDigest
    package let authenticatorID: Authenticator.ID
    package let pendingID: PendingEnrolment.ID
    package let secret: OTPSharedSecret
    package let recoveryCodes: [RecoveryCode]
    package let browserDigest: TokenDigest

    package init(
        attemptID: SignInAttempt.ID,
        attemptDigest: TokenDigest,
        sessionID: PortalSession.ID,
        sessionDigest: TokenDigest,
        authenticatorID: Authenticator.ID,
        pendingID: PendingEnrolment.ID,
        secret: OTPSharedSecret,
        recoveryCodes: [RecoveryCode],
        browserDigest: TokenDigest
    ) {
        self.attemptID = attemptID
        self.attemptDigest = attemptDigest
        self.sessionID = sessionID
        self.sessionDigest = sessionDigest
        self.authenticatorID = authenticatorID
        self.pendingID = pendingID
        self.secret = secret
        self.recoveryCodes = recoveryCodes
        self.browserDigest = browserDigest
    }
}

/// Everything a decision may look at beside state and event.
package struct SignInContext: Sendable {
    package let now: UnixTime
    package let source: RequestSource
    package let returnTo: String
    package let fresh: FreshValues

    package init(now: UnixTime, source: RequestSource, returnTo: String = "", fresh: FreshValues) {
        self.now = now
        self.source = source
        self.returnTo = returnTo
        self.fresh = fresh
    }
}
