package import Accounts
package import OneTimePassword
package import Secrets

/// What the person is told or shown next.
package enum SignInOutcome: Sendable {
    /// Compare with this hash (a decoy when nil) and come back with `passwordChecked`.
    case checkPassword(PasswordHash?)
    case credentialsRefused
    case tooManyAttempts(seconds: Int64)
    /// 100 wrong tokens in a row: a recovery code or an admin's reset opens it again.
    case factorClosed
    case attemptExpired
    /// Go on with this attempt; the browser gets its new token.
    case proceed(SignInAttempt)
    /// The sign-in is finished; the browser gets the session's token.
    case signedIn(PortalSession, returnTo: String)
    case tokenRefused
    /// Five wrong tokens in one attempt: the password again.
    case startAgain
    case showEnrolment(PendingEnrolment)
    /// The pending secret to show again; another one after 20 wrong pairs.
    case pairRefused(CodePairJudgement, PendingEnrolment)
    /// Configured inside sign-in; the recovery codes are waiting.
    case enrolled(PortalSession, returnTo: String)
    /// A sealed secret does not open, or there was no room to check.
    case unavailable
}

/// One thing for the transaction to write.
package enum SignInEffect: Sendable {
    case saveThrottle(ThrottleKey, ThrottleState)
    /// Closes the oldest of the login's attempts beyond 50.
    case insertAttempt(SignInAttempt)
    /// Replaces digest, stage, methods, count and expiry, guarded by the version that was read.
    case updateAttempt(SignInAttempt)
    case closeAttempt(SignInAttempt.ID, version: Int64)
    case closeAttempts(User.ID)
    /// Only where the last accepted step is lower; else the commit conflicts (INV-1, INV-2).
    case acceptStep(Authenticator.ID, TimeStep, at: UnixTime)
    /// Only where it is unused; else the commit conflicts.
    case spendRecoveryCode(User.ID, TokenDigest, at: UnixTime)
    case insertSession(PortalSession)
    /// Gives a session a new token, its methods, its recovery window and its proof; tickets on their way end.
    case renewSession(PortalSession)
    /// The count of wrong proofs in a row, one more than before; only where it was so before.
    case countWrongProof(PortalSession.ID, User.ID, count: Int)
    case endSession(PortalSession.ID, User.ID)
    case endSessions(User.ID, except: PortalSession.ID?)
    case insertAgentSession(AgentSession)
    case endAgentSession(AgentSession.ID, User.ID)
    case endAgentSessions(User.ID)
    case endAPITokens(User.ID)
    /// What was opened from this session at applications' hosts.
    case endApplicationSessions(PortalSession.ID, User.ID)
    /// Only where the stored hash is still the old one.
    case rehash(User.ID, from: PasswordHash, to: PasswordHash)
    case setPassword(User.ID, PasswordHash, at: UnixTime)
    case setProfile(User.ID, name: String, email: String)
    case insertAuthenticator(User.ID, Authenticator)
    case removeAuthenticator(Authenticator.ID, User.ID)
    case removeAuthenticators(User.ID)
    case replaceRecoveryCodes(User.ID, [RecoveryCode])
    case dropRecoveryCodes(User.ID)
    /// The sealed copies go, the digests stay.
    case keepRecoveryCodes(User.ID)
    /// One a person: it takes the place of an older one.
    case savePending(User.ID, PendingEnrolment)
    case dropPending(User.ID)
    case recordSignIn(User.ID, at: UnixTime)
    /// Remembers a browser as one that has signed in as this person; as many as `KnownBrowser.maximum`.
    case knowBrowser(User.ID, TokenDigest, at: UnixTime)
    /// A known one has signed in again.
    case touchBrowser(User.ID, TokenDigest, at: UnixTime)
}

/// Data for one transaction.
package struct SignInCommit: Sendable {
    package var effects: [SignInEffect]
    package var entries: [ActivityEntry]

    package static let nothing = SignInCommit(effects: [], entries: [])

    package init(effects: [SignInEffect], entries: [ActivityEntry]) {
        self.effects = effects
        self.entries = entries
    }
}

/// An answer and what makes it true.
package struct Decision<Outcome: Sendable>: Sendable {
    package var outcome: Outcome
    package var commit: SignInCommit

    package init(_ outcome: Outcome, _ effects: [SignInEffect] = [], _ entries: [ActivityEntry] = []) {
        self.outcome = outcome
        self.commit = SignInCommit(effects: effects, entries: entries)
    }
}

package typealias SignInDecision = Decision<SignInOutcome>
