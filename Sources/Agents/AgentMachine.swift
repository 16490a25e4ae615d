package import Accounts
package import Secrets
package import SignIn

/// What an agent's sign-in came to.
package enum AgentOutcome: Sendable {
    case checkPassword(PasswordHash?)
    case signedIn(AgentSession, User, Account)
    case credentialsRefused
    case tooManyAttempts(seconds: Int64)
    case passwordExpired
    case agentNotAllowed
    case unavailable
}

package enum AgentEvent: Sendable {
    case passwordSubmitted
    case passwordChecked(PasswordCheck, chargedAt: UnixTime)
    case passwordAbandoned(chargedAt: UnixTime)
}

/// Login and password only, two-factor configured or not, required or not (S-07, S-08): the mission's rule. What it
/// opens is the agent API and nothing else (S-08a).
package struct AgentMachine: Sendable {
    package let now: UnixTime
    package let source: RequestSource
    package let sessionID: AgentSession.ID
    package let sessionDigest: TokenDigest

    package init(now: UnixTime, source: RequestSource, sessionID: AgentSession.ID, sessionDigest: TokenDigest) {
        self.now = now
        self.source = source
        self.sessionID = sessionID
        self.sessionDigest = sessionDigest
    }

    package func decide(_ state: SignInState, _ event: AgentEvent) -> Decision<AgentOutcome> {
        let keys = Throttles.keys(.agentPassword, login: state.loginDigest, source: source)
        switch event {
        case .passwordSubmitted: return submitted(state, keys)
        case .passwordAbandoned(let chargedAt):
            return Decision(.unavailable, state.throttles.handingBack(keys, chargedAt: chargedAt))
        case .passwordChecked(let check, let chargedAt): return checked(state, check, keys, chargedAt)
        }
    }

    private func submitted(_ state: SignInState, _ keys: [ThrottleKey]) -> Decision<AgentOutcome> {
        if let subject = barred(state) { return Decision(.agentNotAllowed, [], [barredEntry(state, subject)]) }
        switch state.throttles.verdict(keys, at: now) {
        case .open:
            return Decision(
                .checkPassword(state.subject?.usablePasswordHash),
                state.throttles.charging(keys, at: now)
            )
        case .wait(let seconds):
            return Decision(.tooManyAttempts(seconds: seconds), [], [limitEntry(state)])
        case .closed:
            return Decision(
                .tooManyAttempts(seconds: ThrottlePolicy.maximumWaitSeconds),
                [],
                [limitEntry(state)]
            )
        }
    }

    private func checked(
        _ state: SignInState,
        _ check: PasswordCheck,
        _ keys: [ThrottleKey],
        _ chargedAt: UnixTime
    ) -> Decision<AgentOutcome> {
        guard let subject = state.subject else {
            let digest = ActivityParameter("login digest", state.loginDigest.shortText)
            let entry = ActivityEntry(
                .unknownLoginRefused,
                accountID: nil,
                address: source.address,
                parameters: [ActivityParameter("at", "agent API"), digest]
            )
            return Decision(.credentialsRefused, [], [entry])
        }
        if let subject = barred(state) {
            // Switched off while the password was looked at: what came of that stays untold.
            let effects = state.throttles.handingBack(keys, chargedAt: chargedAt)
            return Decision(.agentNotAllowed, effects, [barredEntry(state, subject)])
        }
        guard check.matches, let stored = subject.usablePasswordHash, stored == check.against else {
            return Decision(.credentialsRefused, [], [entry(.agentRefused, subject, "wrong password")])
        }
        var effects = state.throttles.succeeding(keys, chargedAt: chargedAt)
        if let rehashed = check.rehashed { effects.append(.rehash(subject.user.id, from: stored, to: rehashed)) }
        guard !subject.mustChangePassword else {
            return Decision(.passwordExpired, effects, [entry(.agentRefused, subject, "password expired")])
        }
        let session = AgentSession(
            id: sessionID,
            digest: sessionDigest,
            userID: subject.user.id,
            accountID: subject.account.id,
            createdAt: now,
            expiresAt: now + AgentSession.lifetimeSeconds,
            address: source.address,
            userAgent: source.userAgent
        )
        return Decision(
            .signedIn(session, subject.user, subject.account),
            effects + [.insertAgentSession(session)],
            [entry(.agentSignedIn, subject, nil)]
        )
    }

    /// Whoever could sign in but for the door, which is shut for them whatever the password is: nothing is hashed and
    /// nothing charged, or the door would tell a right password from a wrong one. Without a password that works somebody
    /// is like an unknown login.
    private func barred(_ state: SignInState) -> Subject? {
        guard let subject = state.subject, subject.usablePasswordHash != nil,
            !(subject.account.allowsAgentSignIn && subject.permissions.agent)
        else { return nil }
        return subject
    }

    /// One a minute, with a count: it costs a stranger nothing to come again.
    private func barredEntry(_ state: SignInState, _ subject: Subject) -> ActivityEntry {
        ActivityEntry(
            .agentRefused,
            accountID: subject.account.id,
            actor: subject.person,
            address: source.address,
            parameters: [ActivityParameter("reason", "agents are switched off")],
            mergeKey: RefusalKey.make(
                "agent door",
                isKnown: true,
                loginDigest: state.loginDigest,
                source: source,
                at: now
            )
        )
    }

    private func entry(_ kind: ActivityKind, _ subject: Subject, _ reason: String?) -> ActivityEntry {
        ActivityEntry(
            kind,
            accountID: subject.account.id,
            actor: subject.person,
            address: source.address,
            parameters: reason.map { [ActivityParameter("reason", $0)] } ?? []
        )
    }

    private func limitEntry(_ state: SignInState) -> ActivityEntry {
        LimitEntry.make(
            .agentPassword,
            subject: state.subject,
            loginDigest: state.loginDigest,
            source: source,
            at: now
        )
    }
}
