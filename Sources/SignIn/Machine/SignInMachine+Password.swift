import Accounts
import Secrets

/// The first step. Unknown, disabled and mistyped walk the same way, with the same work and the same answer.
extension SignInMachine {
    func passwordSubmitted(_ state: SignInState) -> SignInDecision {
        guard isAwaited(state) else { return SignInDecision(.attemptExpired) }
        let keys = passwordKeys(state)
        switch state.throttles.verdict(keys, at: context.now) {
        case .open:
            let outcome = SignInOutcome.checkPassword(state.subject?.usablePasswordHash)
            return SignInDecision(outcome, state.throttles.charging(keys, at: context.now))
        case .wait(let seconds):
            return SignInDecision(.tooManyAttempts(seconds: seconds), [], [limitEntry(state, .portalPassword)])
        case .closed:
            return SignInDecision(.factorClosed, [], [limitEntry(state, .portalPassword)])
        }
    }

    func passwordChecked(_ state: SignInState, _ check: PasswordCheck, chargedAt: UnixTime) -> SignInDecision {
        guard isAwaited(state) else {
            // Another tab was faster: nothing was guessed, so that the address gets its charge back.
            let keys = passwordKeys(state).filter(\.isAddress)
            return SignInDecision(.attemptExpired, state.throttles.handingBack(keys, chargedAt: chargedAt))
        }
        guard let subject = state.subject else {
            return SignInDecision(.credentialsRefused, [], [unknownLoginEntry(state)])
        }
        guard check.matches, let stored = subject.usablePasswordHash, stored == check.against else {
            let reason = subject.user.isEnabled ? [] : [ActivityParameter("reason", "the user is disabled")]
            return SignInDecision(.credentialsRefused, [], [entry(.passwordRefused, subject, reason)])
        }
        let keys = passwordKeys(state)
        var effects = state.throttles.succeeding(keys, chargedAt: chargedAt)
        if let rehashed = check.rehashed { effects.append(.rehash(subject.user.id, from: stored, to: rehashed)) }
        return afterPassword(state, subject, effects)
    }

    /// Costs nothing and tells nothing, hence one entry a minute however often it is sent.
    func passwordUnreadable(_ state: SignInState) -> SignInDecision {
        guard isAwaited(state) else { return SignInDecision(.attemptExpired) }
        var refusal = state.subject.map { entry(.passwordRefused, $0) } ?? unknownLoginEntry(state)
        refusal.parameters = [ActivityParameter("reason", "longer than a password may be")]
        refusal.mergeKey = RefusalKey.make(
            "unreadable",
            isKnown: state.subject != nil,
            loginDigest: state.loginDigest,
            source: context.source,
            at: context.now
        )
        return SignInDecision(.credentialsRefused, [], [refusal])
    }

    /// A password comes with a typed login, or for an attempt that waits for it.
    private func isAwaited(_ state: SignInState) -> Bool {
        guard !state.isCookieless else { return true }
        guard let attempt = state.attempt, let subject = state.subject else { return false }
        return attempt.stage == .enrolmentPassword && attempt.userID == subject.user.id
            && context.now < attempt.expiresAt
    }

    private func afterPassword(_ state: SignInState, _ subject: Subject, _ effects: [SignInEffect]) -> SignInDecision {
        let methods: Set<AuthenticationMethod> = [.password]
        // An attempt that waits for its password (it took an open session's place) goes on where it was.
        var waiting: SignInAttempt?
        if let attempt = state.attempt, attempt.stage == .enrolmentPassword, attempt.userID == subject.user.id,
            context.now < attempt.expiresAt
        {
            waiting = attempt
        }
        let goesOn = nextStage(subject, methods: methods, passwordIsNew: false) != nil
        return advance(
            subject,
            from: waiting,
            methods: methods,
            returnTo: waiting?.returnTo ?? context.returnTo,
            effects: effects,
            entries: goesOn ? [entry(.passwordAccepted, subject)] : [],
            browser: state.throttles.knownBrowser
        )
    }

    /// Ends everything that the old password opened, other half-finished sign-ins above all: whoever knew it could
    /// set yet another one there. So this sign-in, too, goes on in a new attempt.
    func newPasswordHashed(_ attempt: SignInAttempt, _ subject: Subject, _ hash: PasswordHash) -> SignInDecision {
        let user = subject.user.id
        return advance(
            subject,
            from: nil,
            methods: attempt.methods,
            returnTo: attempt.returnTo,
            effects: [
                .closeAttempt(attempt.id, version: attempt.version), .setPassword(user, hash, at: context.now),
                .endSessions(user, except: nil), .endAgentSessions(user), .endAPITokens(user), .closeAttempts(user),
                .dropPending(user),
            ],
            entries: [entry(.passwordChanged, subject)],
            passwordIsNew: true
        )
    }

    /// One entry a minute with a count, however hard somebody hammers.
    func limitEntry(_ state: SignInState, _ kind: ThrottleKind) -> ActivityEntry {
        LimitEntry.make(
            kind,
            subject: state.subject,
            loginDigest: state.loginDigest,
            source: context.source,
            at: context.now
        )
    }

    private func unknownLoginEntry(_ state: SignInState) -> ActivityEntry {
        ActivityEntry(
            .unknownLoginRefused,
            accountID: nil,
            address: context.source.address,
            // Never the text: people type passwords there.
            parameters: [ActivityParameter("login digest", state.loginDigest.shortText)]
        )
    }
}
