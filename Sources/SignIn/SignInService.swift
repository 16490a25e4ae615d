package import Accounts
import OneTimePassword
package import Secrets

/// Runs the ceremony: asks the machine, does the slow work that it asks for, lets the store apply what it decided.
package struct SignInService: Sendable {
    package let ceremony: Ceremony

    package init(_ ceremony: Ceremony) {
        self.ceremony = ceremony
    }

    /// An outcome with the tokens that it may hand to the browser.
    package struct Answer: Sendable {
        package let outcome: SignInOutcome
        package let tokens: Ceremony.Tokens
        /// The browser has become known under `tokens.browser`; otherwise it is known already, or not at all.
        package var makesBrowserKnown = false
    }

    /// The first step.
    package func submitPassword(
        login: Login,
        password: Password,
        returnTo: String,
        source: RequestSource
    ) async throws -> Answer {
        // Strangers who keep a login busy stand in another queue than a browser that is known.
        var known: TokenDigest?
        if !source.browsers.isEmpty {
            let request = SubjectRequest(.login(login), [], throttles: [.portalPassword], source: source)
            known = try await ceremony.store.state(request).throttles.knownBrowser
        }
        return try await ceremony.gate.pass(.person(login: login.key, knownBrowser: known)) {
            try await submitPassword(.login(login), password, returnTo: returnTo, source: source)
        }
    }

    /// The password of an attempt that took an open session's place.
    package func submitPassword(
        attempt: BearerToken,
        password: Password,
        source: RequestSource
    ) async throws -> Answer {
        try await submitPassword(.attempt(attempt.digest), password, returnTo: "", source: source)
    }

    /// A password that is nobody's: told of in the activity log, once a minute.
    package func refuseUnreadablePassword(_ query: SubjectQuery, source: RequestSource) async throws -> Answer {
        try await run(SubjectRequest(query, [], throttles: [], source: source), .passwordUnreadable).answer
    }

    private func submitPassword(
        _ query: SubjectQuery,
        _ password: Password,
        returnTo: String,
        source: RequestSource
    ) async throws -> Answer {
        let request = SubjectRequest(query, [], throttles: [.portalPassword], source: source)
        // One set for both decisions: the first of them hands nothing out.
        let fresh = try ceremony.fresh(recoveryCodes: false)
        let early = await beginEarly(request, password, fresh)
        let first = try await run(request, .passwordSubmitted, fresh, returnTo: returnTo)
        guard case .checkPassword(let hash) = first.outcome else { return first.answer }
        let chargedAt = first.now
        let charged = request.charged(to: first.browser)
        do {
            let check =
                if let early, early.hash == hash {
                    try await early.check()
                } else {
                    try await ceremony.check(password, against: hash)
                }
            let event = SignInEvent.passwordChecked(check, chargedAt: chargedAt)
            return try await run(charged, event, fresh, returnTo: returnTo).answer
        } catch let error as PasswordHashingError {
            _ = try await run(charged, .passwordAbandoned(chargedAt: chargedAt), fresh, returnTo: returnTo)
            throw error
        }
    }

    private struct EarlyCheck {
        let hash: PasswordHash?
        let check: () async throws -> PasswordCheck
    }

    /// The check, begun before the charge for it is written: the disk and the hash are waited for together.
    ///
    /// Only where nobody else wants the processor, and not for a guess that the limits refuse. What comes of it is
    /// looked at once the charge is written, and judged against what is stored then.
    private func beginEarly(
        _ request: SubjectRequest,
        _ password: Password,
        _ fresh: (FreshValues, Ceremony.Tokens)
    ) async -> EarlyCheck? {
        guard ceremony.hasher.isFree, let state = try? await ceremony.store.state(request) else { return nil }
        let context = SignInContext(now: ceremony.clock.now, source: request.source, returnTo: "", fresh: fresh.0)
        let decision = SignInMachine(context).decide(state, .passwordSubmitted)
        guard case .checkPassword(let hash) = decision.outcome else { return nil }
        return EarlyCheck(hash: hash, check: ceremony.beginCheck(password, against: hash))
    }

    /// The second step: a token, or a recovery code in the same field.
    package func submitToken(attempt: BearerToken, typed: String, source: RequestSource) async throws -> Answer {
        switch ProofCode(typed: typed) {
        case .token(let code):
            try await run(tokenRequest(attempt, .secrets, [.token], source), .tokenSubmitted(code)).answer
        case .recoveryCode(let digest):
            try await run(
                tokenRequest(attempt, .recoveryCodes, [.token, .recoveryCode], source),
                .recoveryCodeSubmitted(digest)
            ).answer
        case .none:
            try await run(tokenRequest(attempt, [], [.token], source), .tokenSubmitted(nil)).answer
        }
    }

    package enum NewPasswordAnswer: Sendable {
        case answer(Answer)
        case refused(PasswordRefusal)
    }

    /// The third step, when a new password is due.
    package func submitNewPassword(
        attempt: BearerToken,
        password: String,
        again: String,
        source: RequestSource
    ) async throws -> NewPasswordAnswer {
        let now = ceremony.clock.now
        guard let view = try await ceremony.store.attemptView(attempt.digest, at: now),
            view.attempt.stage == .newPassword
        else {
            let (_, tokens) = try ceremony.fresh()
            return .answer(Answer(outcome: .attemptExpired, tokens: tokens))
        }
        if let refusal = refusal(of: password, again: again, login: view.subject.user.login) {
            return .refused(refusal)
        }
        let typed = Password(utf8: password)
        if let old = view.subject.passwordHash, try await ceremony.check(typed, against: old).matches {
            return .refused(.unchanged)
        }
        let hash = try await ceremony.hasher.hash(typed)
        let request = SubjectRequest(.attempt(attempt.digest), [], throttles: [], source: source)
        return .answer(try await run(request, .newPasswordHashed(hash)).answer)
    }

    package func refusal(of password: String, again: String, login: String) -> PasswordRefusal? {
        if let refusal = ceremony.passwordPolicy.refusal(of: password, login: login) { return refusal }
        return password.utf8.elementsEqual(again.utf8) ? nil : .notRepeated
    }

    package func openEnrolment(attempt: BearerToken, source: RequestSource) async throws -> Answer {
        try await run(tokenRequest(attempt, .pending, [], source), .enrolmentOpened).answer
    }

    package func renewEnrolment(attempt: BearerToken, source: RequestSource) async throws -> Answer {
        try await run(tokenRequest(attempt, .pending, [], source), .enrolmentRenewed).answer
    }

    package func submitPair(
        attempt: BearerToken,
        first: String,
        second: String,
        source: RequestSource
    ) async throws -> Answer {
        let event = SignInEvent.pairSubmitted(OneTimeCode(first), OneTimeCode(second))
        return try await run(tokenRequest(attempt, .pending, [], source), event).answer
    }

    /// Puts an attempt in stage enrolment in the place of a session that may not go on without two-factor.
    /// - Returns: the attempt's token, or nil when the session is gone already.
    package func divert(_ view: SessionView, returnTo: String, source: RequestSource) async throws -> BearerToken? {
        let (values, tokens) = try ceremony.fresh()
        let now = ceremony.clock.now
        let attempt = SignInAttempt(
            id: values.attemptID,
            digest: values.attemptDigest,
            userID: view.user.id,
            accountID: view.account.id,
            stage: .enrolmentPassword,
            methods: [],
            expiresAt: now + SignInAttempt.enrolmentLifetimeSeconds,
            returnTo: returnTo
        )
        let entry = ActivityEntry(
            .divertedToEnrolment,
            accountID: view.account.id,
            actor: ActivityPerson(view.user),
            address: source.address
        )
        let isDiverted = try await ceremony.store.divert(view.session, to: attempt, entry: entry, at: now)
        return isDiverted ? tokens.attempt : nil
    }

    // MARK: One round through the machine

    private struct Round {
        let answer: Answer
        let now: UnixTime
        let browser: TokenDigest?
        var outcome: SignInOutcome { answer.outcome }
    }

    private func tokenRequest(
        _ attempt: BearerToken,
        _ parts: SubjectParts,
        _ throttles: [ThrottleKind],
        _ source: RequestSource
    ) -> SubjectRequest {
        SubjectRequest(.attempt(attempt.digest), parts, throttles: throttles, source: source)
    }

    private func run(
        _ request: SubjectRequest,
        _ event: SignInEvent,
        _ fresh: (FreshValues, Ceremony.Tokens)? = nil,
        returnTo: String = ""
    ) async throws -> Round {
        let (values, tokens) = try fresh ?? ceremony.fresh(recoveryCodes: event.mayBind)
        let now = ceremony.clock.now
        let context = SignInContext(now: now, source: request.source, returnTo: returnTo, fresh: values)
        let machine = SignInMachine(context)
        let (outcome, browser, isNew) = try await ceremony.store.decide(request, at: now) { state in
            machine.decide(state, event).withBrowser(of: state)
        }
        let answer = Answer(outcome: outcome, tokens: tokens, makesBrowserKnown: isNew)
        return Round(answer: answer, now: now, browser: browser)
    }
}

extension SignInEvent {
    /// Whether the step may end with an authenticator bound, and so with recovery codes.
    fileprivate var mayBind: Bool {
        switch self {
        case .pairSubmitted: true
        case .passwordSubmitted, .passwordChecked, .passwordAbandoned, .tokenSubmitted, .recoveryCodeSubmitted,
            .newPasswordHashed, .enrolmentOpened, .enrolmentRenewed, .passwordUnreadable:
            false
        }
    }
}
