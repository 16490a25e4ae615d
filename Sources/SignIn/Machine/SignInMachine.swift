import Accounts
import Secrets

/// The sign-in ceremony as a value without clock, randomness or database.
///
///     password -> [token, if configured] -> [new password, if due]
///              -> [enrolment, if required and not configured] -> session
///
///     stage \ event    passwordChecked  token/recovery  newPassword  enrolment/pair
///     (no attempt)     judged           expired         expired      expired
///     token            judged anew      judged          expired      expired
///     newPassword      judged anew      expired         taken        expired
///     enrolment        judged anew      expired         expired      judged
///     enrolmentPwd     -> enrolment     expired         expired      expired
///
/// A step that does not belong to the stage is answered like an expired attempt: start again.
package struct SignInMachine: Sendable {
    package let context: SignInContext

    package init(_ context: SignInContext) {
        self.context = context
    }

    package func decide(_ state: SignInState, _ event: SignInEvent) -> SignInDecision {
        switch event {
        case .passwordSubmitted: passwordSubmitted(state)
        case .passwordChecked(let check, let chargedAt): passwordChecked(state, check, chargedAt: chargedAt)
        case .passwordUnreadable: passwordUnreadable(state)
        case .passwordAbandoned(let chargedAt):
            SignInDecision(.unavailable, state.throttles.handingBack(passwordKeys(state), chargedAt: chargedAt))
        case .tokenSubmitted(let code): inStage(.token, state) { tokenSubmitted(state, $0, $1, code) }
        case .recoveryCodeSubmitted(let code): inStage(.token, state) { recoveryCodeSubmitted(state, $0, $1, code) }
        case .newPasswordHashed(let hash): inStage(.newPassword, state) { newPasswordHashed($0, $1, hash) }
        case .enrolmentOpened: inStage(.enrolment, state) { enrolmentOpened($0, $1) }
        case .enrolmentRenewed: inStage(.enrolment, state) { enrolmentRenewed($0, $1) }
        case .pairSubmitted(let first, let second):
            inStage(.enrolment, state) { pairSubmitted($0, $1, first, second) }
        }
    }

    func passwordKeys(_ state: SignInState) -> [ThrottleKey] {
        state.throttles.keys(.portalPassword, login: state.loginDigest, source: context.source)
    }

    /// Runs a step only for a live attempt in its stage, of a user who may still sign in.
    private func inStage(
        _ stage: AttemptStage,
        _ state: SignInState,
        _ step: (SignInAttempt, Subject) -> SignInDecision
    ) -> SignInDecision {
        guard let attempt = state.attempt, let subject = state.subject, attempt.userID == subject.user.id,
            attempt.stage == stage, context.now < attempt.expiresAt, subject.user.isEnabled
        else { return SignInDecision(.attemptExpired) }
        return step(attempt, subject)
    }

    /// The next step of somebody who has shown `methods`, or the session when nothing is lacking.
    ///
    /// - Parameter browser: the one of this step, where it is known.
    func advance(
        _ subject: Subject,
        from attempt: SignInAttempt?,
        methods: Set<AuthenticationMethod>,
        returnTo: String,
        effects: [SignInEffect],
        entries: [ActivityEntry],
        passwordIsNew: Bool = false,
        browser: TokenDigest? = nil
    ) -> SignInDecision {
        if let stage = nextStage(subject, methods: methods, passwordIsNew: passwordIsNew) {
            return proceed(to: stage, subject, from: attempt, methods, returnTo, effects, entries)
        }
        return finish(subject, from: attempt, methods, returnTo, effects, entries, browser)
    }

    func nextStage(
        _ subject: Subject,
        methods: Set<AuthenticationMethod>,
        passwordIsNew: Bool
    ) -> AttemptStage? {
        if subject.hasTwoFactor, !methods.passedTwoFactor { return .token }
        if subject.mustChangePassword, !passwordIsNew { return .newPassword }
        if subject.account.requiresTwoFactor, !subject.hasTwoFactor { return .enrolment }
        return nil
    }

    private func proceed(
        to stage: AttemptStage,
        _ subject: Subject,
        from attempt: SignInAttempt?,
        _ methods: Set<AuthenticationMethod>,
        _ returnTo: String,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry]
    ) -> SignInDecision {
        let lifetime = stage == .enrolment ? SignInAttempt.enrolmentLifetimeSeconds : SignInAttempt.lifetimeSeconds
        var next = SignInAttempt(
            id: attempt?.id ?? context.fresh.attemptID,
            digest: context.fresh.attemptDigest,
            userID: subject.user.id,
            accountID: subject.account.id,
            stage: stage,
            methods: methods,
            expiresAt: context.now + lifetime,
            returnTo: returnTo
        )
        guard let attempt else { return SignInDecision(.proceed(next), effects + [.insertAttempt(next)], entries) }
        next.version = attempt.version
        return SignInDecision(.proceed(next), effects + [.updateAttempt(next)], entries)
    }

    func finish(
        _ subject: Subject,
        from attempt: SignInAttempt?,
        _ methods: Set<AuthenticationMethod>,
        _ returnTo: String,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry],
        _ browser: TokenDigest?
    ) -> SignInDecision {
        let session = newSession(subject, methods: methods)
        var effects = effects
        if let attempt { effects.append(.closeAttempt(attempt.id, version: attempt.version)) }
        effects += [
            .insertSession(session), .recordSignIn(subject.user.id, at: context.now), knowBrowser(subject, browser),
        ]
        let signedIn = entry(.signedIn, subject, [ActivityParameter("methods", methods.text)])
        return SignInDecision(.signedIn(session, returnTo: returnTo), effects, entries + [signedIn])
    }

    /// - Parameter known: keeps its value, so that an answer that gets lost takes nothing away. Every other one gets a
    ///   new value: what somebody planted there before never becomes known.
    func knowBrowser(_ subject: Subject, _ known: TokenDigest? = nil) -> SignInEffect {
        known.map { .touchBrowser(subject.user.id, $0, at: context.now) }
            ?? .knowBrowser(subject.user.id, context.fresh.browserDigest, at: context.now)
    }

    func newSession(_ subject: Subject, methods: Set<AuthenticationMethod>) -> PortalSession {
        PortalSession(
            id: context.fresh.sessionID,
            digest: context.fresh.sessionDigest,
            userID: subject.user.id,
            accountID: subject.account.id,
            methods: methods,
            createdAt: context.now,
            lastSeenAt: context.now,
            address: context.source.address,
            userAgent: context.source.userAgent,
            recoveryUntil: methods.contains(.lookUpSecret) ? context.now + PortalSession.recoverySeconds : nil,
            proof: SessionProof(at: context.now, by: methods)
        )
    }

    func entry(_ kind: ActivityKind, _ subject: Subject, _ parameters: [ActivityParameter] = []) -> ActivityEntry {
        ActivityEntry(
            kind,
            accountID: subject.account.id,
            actor: subject.person,
            address: context.source.address,
            parameters: parameters
        )
    }
}
