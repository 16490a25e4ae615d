package import Accounts
package import Secrets
package import SignIn

/// Who an agent's bearer token stands for, read at every call.
package struct AgentView: Sendable {
    package let session: AgentSession
    package let user: User
    package let account: Account
    package let permissions: Permissions

    package init(session: AgentSession, user: User, account: Account, permissions: Permissions) {
        self.session = session
        self.user = user
        self.account = account
        self.permissions = permissions
    }

    package func isOpen(at now: UnixTime) -> Bool {
        now < session.expiresAt && user.isEnabled && account.allowsAgentSignIn && permissions.agent
    }
}

/// What agents need of a store beside the decisions.
package protocol AgentStore: Sendable {
    func agentView(_ digest: TokenDigest) async throws(StoreError) -> AgentView?
    func endAgentSession(_ session: AgentSession, entry: ActivityEntry, at now: UnixTime) async throws(StoreError)
}

/// Sign-in, identity and sign-out of agents.
package struct AgentService: Sendable {
    private let ceremony: Ceremony
    private let store: any AgentStore

    package init(_ ceremony: Ceremony, store: any AgentStore) {
        self.ceremony = ceremony
        self.store = store
    }

    package func signIn(
        login: Login,
        password: Password,
        source: RequestSource
    ) async throws -> (AgentOutcome, BearerToken) {
        try await ceremony.gate.pass(.agent(login: login.key)) {
            try await signInAlone(login: login, password: password, source: source)
        }
    }

    private func signInAlone(
        login: Login,
        password: Password,
        source: RequestSource
    ) async throws -> (AgentOutcome, BearerToken) {
        let token = BearerToken(kind: .agentSession, random: ceremony.random)
        let request = SubjectRequest(.login(login), .permissions, throttles: [.agentPassword], source: source)
        let (first, chargedAt) = try await round(request, .passwordSubmitted, token)
        guard case .checkPassword(let hash) = first else { return (first, token) }
        do {
            let check = try await ceremony.check(password, against: hash)
            return (try await round(request, .passwordChecked(check, chargedAt: chargedAt), token).0, token)
        } catch let error as PasswordHashingError {
            _ = try await round(request, .passwordAbandoned(chargedAt: chargedAt), token)
            throw error
        }
    }

    /// Nil for anything but the live token of an agent session.
    package func view(_ token: BearerToken) async throws -> AgentView? {
        guard token.kind == .agentSession else { return nil }
        let view = try await store.agentView(token.digest)
        return view.flatMap { $0.isOpen(at: ceremony.clock.now) ? $0 : nil }
    }

    package func signOut(_ view: AgentView, source: RequestSource) async throws {
        let entry = ActivityEntry(
            .agentSignedOut,
            accountID: view.account.id,
            actor: ActivityPerson(view.user),
            address: source.address
        )
        try await store.endAgentSession(view.session, entry: entry, at: ceremony.clock.now)
    }

    private func round(
        _ request: SubjectRequest,
        _ event: AgentEvent,
        _ token: BearerToken
    ) async throws -> (AgentOutcome, UnixTime) {
        let now = ceremony.clock.now
        let machine = AgentMachine(
            now: now,
            source: request.source,
            sessionID: AgentSession.ID(random: ceremony.random),
            sessionDigest: token.digest
        )
        let outcome = try await ceremony.store.decide(request, at: now) { machine.decide($0, event) }
        return (outcome, now)
    }
}
