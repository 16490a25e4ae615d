package import Accounts
package import OneTimePassword
package import Secrets

/// A password that was compared and when it was paid for.
package struct PaidPassword: Sendable {
    package let check: PasswordCheck
    package let chargedAt: UnixTime

    package init(check: PasswordCheck, chargedAt: UnixTime) {
        self.check = check
        self.chargedAt = chargedAt
    }
}

/// What somebody typed where a token of an existing authenticator is asked for.
package enum ProofCode: Sendable {
    case token(OneTimeCode)
    case recoveryCode(TokenDigest)
    /// Nothing, or what is no code at all.
    case none

    package init(typed: String) {
        if let code = OneTimeCode(typed) {
            self = .token(code)
        } else if let code = RecoveryCode(parsing: typed) {
            self = .recoveryCode(code.digest)
        } else {
            self = .none
        }
    }

    /// What it proves when it is accepted.
    var method: AuthenticationMethod {
        switch self {
        case .recoveryCode: .lookUpSecret
        case .token, .none: .otp
        }
    }
}

/// What a signed-in person asks for about their own login.
package enum OwnEvent: Sendable {
    case passwordSubmitted
    /// There was no room to check it: the charge goes back.
    case passwordAbandoned(chargedAt: UnixTime)
    /// `byChoice`: on Accounts > Details, where two-factor may be enabled for the first time.
    case enable(PaidPassword, ProofCode, byChoice: Bool)
    case pairSubmitted(OneTimeCode?, OneTimeCode?, name: String)
    case cancelEnrolment
    case removeAuthenticator(Authenticator.ID, PaidPassword, ProofCode)
    case replaceRecoveryCodes(PaidPassword, ProofCode)
    case keepRecoveryCodes
    /// - Parameter keepsTokens: whether the person wants the API tokens to go on; otherwise they end.
    case changePassword(PaidPassword, ProofCode, PasswordHash, keepsTokens: Bool)
    case changeProfile(name: String, email: String)
    case endSession(PortalSession.ID)
    case endAgentSession(AgentSession.ID)
    case endOtherSessions(keepsTokens: Bool)
    case signOut
    /// On the page that asks for a fresh proof, by somebody who has a factor.
    case prove(ProofCode)
    /// There as well, where the password is what is asked for.
    case provePassword(PaidPassword, ProofNeed)
}

/// The answer.
package enum OwnOutcome: Sendable {
    case checkPassword(PasswordHash?)
    case done
    /// A pending secret is ready to be shown, to the session under its new token.
    case enrolmentBegun(PortalSession)
    case pairRefused(CodePairJudgement, PendingEnrolment)
    /// Configured; the session goes on under a new token.
    case configured(PortalSession, newRecoveryCodes: Bool)
    /// Changed, and the session goes on under a new token.
    case renewed(PortalSession)
    /// All is right but that the proof is too old; the entry says what would be done.
    case needsProof(ProofNeed, ActivityEntry)
    /// The fifth wrong proof: the session has ended.
    case endedByWrongProofs
    case refused(OwnRefusal)
    /// The session ended in the meantime.
    case signedOut
}

package enum OwnRefusal: Sendable, Equatable {
    case wrongPassword
    case tokenRefused
    case tooManyAttempts(seconds: Int64)
    case factorClosed
    case accessDenied
    /// No Account Admin has two-factor yet (S-09).
    case adminFirst
    /// The last authenticator of a login that must have one (S-36).
    case requiredByAccount
    case tooManyAuthenticators
    case notFound
    /// A sealed secret does not open.
    case unavailable
}
