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
        switch judge(code, state, subject) {
        case .accepted(let more, let entries): return .proven(effects + more, entries)
        case .refused(let more, let entries, _): return .refused(.tokenRefused, effects + more, entries)
        case .limited(.wait(let seconds), let entry):
            return .refused(.tooManyAttempts(seconds: seconds), effects, [entry])
        case .limited(_, let entry): return .refused(.factorClosed, effects, [entry])
        case .unreadable: return .refused(.unavailable, effects, [])
        }
    }
    private func judge(_ code: ProofCode, _ state: SignInState, _ subject: Subject) -> TokenJudge.Judgement {
        let judge = TokenJudge(
            subject: subject,
            loginDigest: state.loginDigest,
            throttles: state.throttles,
            source: context.source,
            now: context.now
        )
        return switch code {
        case .token(let token): judge.judge(token)
        case .recoveryCode(let digest): judge.judge(recoveryCode: digest)
        case .none: judge.judge(nil)
        }
    }

    // MARK: The page that asks for a fresh proof

    func prove(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        by code: ProofCode
    ) -> Decision<OwnOutcome> {
        guard subject.hasTwoFactor else { return Decision(.refused(.notFound)) }
        switch judge(code, state, subject) {
        case .accepted(let effects, let entries): return proven(session, subject, code.method, effects, entries)
        case .refused(let effects, let entries, counted: true):
            return wrong(session, subject, .tokenRefused, effects, entries)
        case .refused(let effects, let entries, counted: false):
            return Decision(.refused(.tokenRefused), effects, entries)
        case .limited(.wait(let seconds), let entry):
            return Decision(.refused(.tooManyAttempts(seconds: seconds)), [], [entry])
        case .limited(_, let entry): return Decision(.refused(.factorClosed), [], [entry])
        case .unreadable: return Decision(.refused(.unavailable))
        }
    }

    /// - Parameter need: what the change asks for; the password of somebody who has a factor is good for little.
    func prove(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        by password: PaidPassword,
        for need: ProofNeed
    ) -> Decision<OwnOutcome> {
        guard need == .password || !subject.hasTwoFactor else { return refused(.notFound, state, password) }
        switch prove(state, session, subject, password, nil) {
        case .proven(let effects, let entries): return proven(session, subject, .password, effects, entries)
        case .refused(let refusal, let effects, let entries):
            return wrong(session, subject, refusal, effects, entries)
        }
    }

    /// Under a new token, so that whoever has copied the old one shares nothing of it.
    private func proven(
        _ session: PortalSession,
        _ subject: Subject,
        _ method: AuthenticationMethod,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry]
    ) -> Decision<OwnOutcome> {
        let renewed = renewed(session, methods: session.methods, provenBy: method)
        return Decision(
            .renewed(renewed),
            effects + [.renewSession(renewed)],
            entries + [entry(.proofGiven, subject, [ActivityParameter("method", method.rawValue)])]
        )
    }

    /// Whoever guesses here has somebody's session: the fifth wrong one ends it.
    private func wrong(
        _ session: PortalSession,
        _ subject: Subject,
        _ refusal: OwnRefusal,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry]
    ) -> Decision<OwnOutcome> {
        let count = session.wrongProofs + 1
        let user = subject.user.id
        guard count >= SessionProof.maximumWrong else {
            return Decision(
                .refused(refusal),
                effects + [.countWrongProof(session.id, user, count: count)],
                entries
            )
        }
        return Decision(
            .endedByWrongProofs,
            effects + [.endSession(session.id, user)],
            entries + [entry(.sessionsEnded, subject, [ActivityParameter("reason", "\(count) wrong proofs")])]
        )
    }
}
