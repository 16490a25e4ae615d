import Accounts
import Secrets

/// Password and token before a change: the same budgets and the same record of spent steps as at sign-in.
extension OwnMachine {
    enum Proof {
        case proven([SignInEffect], [ActivityEntry])
        case refused(OwnRefusal, [SignInEffect], [ActivityEntry])
    }

    /// - Parameter code: nil where no token is asked for.
    func prove(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        _ password: PaidPassword,
        _ code: ProofCode?
    ) -> Proof {
        guard password.check.matches, password.check.against == subject.usablePasswordHash else {
            return .refused(.wrongPassword, [], [entry(.proofRefused, subject)])
        }
        let handedBack = state.throttles.succeeding(passwordKeys(state), chargedAt: password.chargedAt)
        guard let code else { return .proven(handedBack, []) }
        return prove(code, state, subject, handedBack)
    }

    private func prove(
        _ code: ProofCode,
        _ state: SignInState,
        _ subject: Subject,
        _ effects: [SignInEffect]
    ) -> Proof {
        let judge = TokenJudge(
            subject: subject,
            loginDigest: state.loginDigest,
            throttles: state.throttles,
            source: context.source,
            now: context.now
        )
        let judgement: TokenJudge.Judgement
        switch code {
        case .token(let token): judgement = judge.judge(token)
        case .recoveryCode(let digest): judgement = judge.judge(recoveryCode: digest)
        case .none: judgement = judge.judge(nil)
        }
        switch judgement {
        case .accepted(let more, let entries): return .proven(effects + more, entries)
        case .refused(let more, let entries, _): return .refused(.tokenRefused, effects + more, entries)
        case .limited(.wait(let seconds), let entry):
            return .refused(.tooManyAttempts(seconds: seconds), effects, [entry])
        case .limited(_, let entry): return .refused(.factorClosed, effects, [entry])
        case .unreadable: return .refused(.unavailable, effects, [])
        }
    }
}
