package import Accounts
import OneTimePassword
package import Secrets

/// Changes that signed-in people make to their own login.
package struct OwnService: Sendable {
    package let ceremony: Ceremony

    package init(_ ceremony: Ceremony) {
        self.ceremony = ceremony
    }

    /// An outcome with the token that a renewed session goes on under.
    package struct Answer: Sendable {
        package let outcome: OwnOutcome
        package let sessionToken: BearerToken
        /// What the browser is known by from now on; nil where that does not change.
        package let browserToken: BearerToken?
    }

    /// A change that a session alone may ask for.
    package func run(_ session: PortalSession, _ event: OwnEvent, source: RequestSource) async throws -> Answer {
        try await round(session, event, source: source).answer
    }

    /// A change that needs the password; `event` is asked for with the paid check.
    package func run(
        _ session: PortalSession,
        password: Password,
        source: RequestSource,
        _ event: @Sendable (PaidPassword) async throws -> OwnEvent
    ) async throws -> Answer {
        let first = try await round(session, .passwordSubmitted, source: source)
        guard case .checkPassword(let hash) = first.answer.outcome else { return first.answer }
        let charged = SubjectRequest.Browser.charged(first.browser)
        do {
            let check = try await ceremony.check(password, against: hash)
            let paid = PaidPassword(check: check, chargedAt: first.now)
            return try await round(session, try await event(paid), source: source, charged).answer
        } catch let error as PasswordHashingError {
            _ = try await round(session, .passwordAbandoned(chargedAt: first.now), source: source, charged)
            throw error
        }
    }

    /// Nil when the new password is fine.
    package func refusal(
        of password: String,
        again: String,
        current: String,
        login: String
    ) -> PasswordRefusal? {
        if let refusal = ceremony.passwordPolicy.refusal(of: password, login: login) { return refusal }
        if password.utf8.elementsEqual(current.utf8) { return .unchanged }
        return password.utf8.elementsEqual(again.utf8) ? nil : .notRepeated
    }

    package func changePassword(
        _ session: PortalSession,
        current: Password,
        new: Password,
        code: ProofCode,
        keepsTokens: Bool,
        source: RequestSource
    ) async throws -> Answer {
        try await run(session, password: current, source: source) { paid in
            // The second hash is made only for whoever knew the first.
            let hash = paid.check.matches ? try await ceremony.hasher.hash(new) : ceremony.hasher.decoy
            return .changePassword(paid, code, hash, keepsTokens: keepsTokens)
        }
    }

    private struct Round {
        let answer: Answer
        let now: UnixTime
        let browser: TokenDigest?
    }

    private func round(
        _ session: PortalSession,
        _ event: OwnEvent,
        source: RequestSource,
        _ browser: SubjectRequest.Browser = .presented
    ) async throws -> Round {
        let (values, tokens) = try ceremony.fresh()
        let now = ceremony.clock.now
        let machine = OwnMachine(SignInContext(now: now, source: source, fresh: values))
        var request = SubjectRequest(
            .session(session.digest),
            .all,
            throttles: [.portalPassword, .token, .recoveryCode],
            source: source
        )
        request.browser = browser
        let (outcome, known, isNew) = try await ceremony.store.decide(request, at: now) { state in
            machine.decide(state, event).withBrowser(of: state)
        }
        let browserToken = isNew ? tokens.browser : nil
        return Round(
            answer: Answer(outcome: outcome, sessionToken: tokens.session, browserToken: browserToken),
            now: now,
            browser: known
        )
    }
}
