import Accounts
import Secrets
import SignIn

// Short names for answers and effects, so that a table can state what is expected.

extension SignInOutcome {
    var label: String {
        switch self {
        case .checkPassword(let hash): hash == nil ? "check decoy" : "check hash"
        case .credentialsRefused: "refused"
        case .tooManyAttempts(let seconds): "wait \(seconds)"
        case .factorClosed: "closed"
        case .attemptExpired: "expired"
        case .proceed(let attempt): "-> \(attempt.stage.rawValue)"
        case .signedIn: "signed in"
        case .tokenRefused: "token refused"
        case .startAgain: "start again"
        case .showEnrolment: "show secret"
        case .pairRefused: "pair refused"
        case .enrolled: "enrolled"
        case .unavailable: "unavailable"
        }
    }
}

extension OwnOutcome {
    var label: String {
        switch self {
        case .checkPassword: "check"
        case .done: "done"
        case .enrolmentBegun: "begun"
        case .pairRefused: "pair refused"
        case .configured(_, let newRecoveryCodes): newRecoveryCodes ? "configured with codes" : "configured"
        case .renewed: "renewed"
        case .needsProof(let need, _): "needs proof \(need)"
        case .endedByWrongProofs: "ended"
        case .refused(let refusal): "refused \(refusal)"
        case .signedOut: "signed out"
        }
    }
}

extension SignInEffect {
    var label: String {
        switch self {
        case .saveThrottle(let key, let state): "throttle \(key.label) \(state.consecutive)"
        case .insertAttempt: "insertAttempt"
        case .updateAttempt: "updateAttempt"
        case .closeAttempt: "closeAttempt"
        case .closeAttempts: "closeAttempts"
        case .acceptStep: "acceptStep"
        case .spendRecoveryCode: "spendRecoveryCode"
        case .insertSession: "insertSession"
        case .renewSession: "renewSession"
        case .countWrongProof(_, _, let count): "countWrongProof \(count)"
        case .endSession: "endSession"
        case .endSessions(_, let except): except == nil ? "endSessions" : "endOtherSessions"
        case .insertAgentSession: "insertAgentSession"
        case .endAgentSession: "endAgentSession"
        case .endAgentSessions: "endAgentSessions"
        case .endAPITokens: "endAPITokens"
        case .endApplicationSessions: "endApplicationSessions"
        case .rehash: "rehash"
        case .setPassword: "setPassword"
        case .setProfile: "setProfile"
        case .insertAuthenticator: "insertAuthenticator"
        case .removeAuthenticator: "removeAuthenticator"
        case .removeAuthenticators: "removeAuthenticators"
        case .replaceRecoveryCodes: "replaceRecoveryCodes"
        case .dropRecoveryCodes: "dropRecoveryCodes"
        case .keepRecoveryCodes: "keepRecoveryCodes"
        case .savePending: "savePending"
        case .dropPending: "dropPending"
        case .recordSignIn: "recordSignIn"
        case .knowBrowser: "knowBrowser"
        case .touchBrowser: "touchBrowser"
        }
    }

    var throttle: (key: ThrottleKey, state: ThrottleState)? {
        if case .saveThrottle(let key, let state) = self { return (key, state) }
        return nil
    }

    /// What shows that a second factor was used up (INV-4).
    var recordsSecondFactor: Bool {
        switch self {
        case .acceptStep, .spendRecoveryCode: true
        default: false
        }
    }
}

extension ThrottleKey {
    var label: String {
        switch self {
        case .login(let kind, _): "login \(kind.rawValue)"
        case .address(let kind, _): "address \(kind.rawValue)"
        case .browser(let kind, _, _): "browser \(kind.rawValue)"
        case .closing: "closing"
        }
    }
}

extension Decision {
    var effects: [String] { commit.effects.map(\.label) }
    var kinds: [ActivityKind] { commit.entries.map(\.kind) }
    var changesNothing: Bool { commit.effects.isEmpty && commit.entries.isEmpty }
}
