import Accounts
import OneTimePassword
import Secrets

/// The second step.
extension SignInMachine {
    func tokenSubmitted(
        _ state: SignInState,
        _ attempt: SignInAttempt,
        _ subject: Subject,
        _ code: OneTimeCode?
    ) -> SignInDecision {
        conclude(judge(state, subject).judge(code), state, attempt, subject, method: .otp)
    }

    func recoveryCodeSubmitted(
        _ state: SignInState,
        _ attempt: SignInAttempt,
        _ subject: Subject,
        _ code: TokenDigest
    ) -> SignInDecision {
        conclude(judge(state, subject).judge(recoveryCode: code), state, attempt, subject, method: .lookUpSecret)
    }

    private func judge(_ state: SignInState, _ subject: Subject) -> TokenJudge {
        TokenJudge(
            subject: subject,
            loginDigest: state.loginDigest,
            throttles: state.throttles,
            source: context.source,
            now: context.now
        )
    }

    private func conclude(
        _ judgement: TokenJudge.Judgement,
        _ state: SignInState,
        _ attempt: SignInAttempt,
        _ subject: Subject,
        method: AuthenticationMethod
    ) -> SignInDecision {
        switch judgement {
        case .accepted(let effects, let entries):
            return advance(
                subject,
                from: attempt,
                methods: attempt.methods.union([method]),
                returnTo: attempt.returnTo,
                effects: effects,
                entries: entries,
                browser: state.throttles.knownBrowser
            )
        case .refused(let effects, let entries, counted: false):
            return SignInDecision(.tokenRefused, effects, entries)
        case .refused(let effects, let entries, counted: true):
            return wrong(attempt, effects, entries)
        case .limited(.wait(let seconds), let entry):
            return SignInDecision(.tooManyAttempts(seconds: seconds), [], [entry])
        case .limited(_, let entry):
            return SignInDecision(.factorClosed, [], [entry])
        case .unreadable:
            return SignInDecision(.unavailable)
        }
    }

    /// A wrong one: the fifth in one attempt ends it, so that the password is asked again.
    private func wrong(
        _ attempt: SignInAttempt,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry]
    ) -> SignInDecision {
        var counted = attempt
        counted.wrongTokens += 1
        guard counted.wrongTokens < SignInAttempt.maximumWrongTokens else {
            return SignInDecision(
                .startAgain,
                effects + [.closeAttempt(attempt.id, version: attempt.version)],
                entries
            )
        }
        return SignInDecision(.tokenRefused, effects + [.updateAttempt(counted)], entries)
    }
}
