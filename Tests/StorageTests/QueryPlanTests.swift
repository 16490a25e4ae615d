import Accounts
import Gateway
import OneTimePassword
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

/// Notes every statement that goes to an engine.
private struct Recorder: Database {
    struct Statement: Hashable {
        let sql: String
        let values: [SQLValue]

        static func == (one: Self, other: Self) -> Bool { one.sql == other.sql }
        func hash(into hasher: inout Hasher) { hasher.combine(sql) }
    }

    final class Notes: Sendable {
        let statements = Mutex<Set<Statement>>([])
    }

    struct Connection: SQLConnection {
        let base: any SQLConnection
        let notes: Notes

        private func note(_ sql: String, _ values: [any SQLConvertible]) {
            _ = notes.statements.withLock { $0.insert(Statement(sql: sql, values: values.map(\.sqlValue))) }
        }

        func query(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> [SQLRow] {
            note(sql, parameters)
            return try base.query(sql, parameters)
        }

        func execute(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) -> Int {
            note(sql, parameters)
            return try base.execute(sql, parameters)
        }

        var hasOtherWriters: Bool { base.hasOtherWriters }
        func hold(_ names: [String]) throws(StoreError) { try base.hold(names) }
        func announce(_ text: String) throws(StoreError) { try base.announce(text) }
    }

    let base: any Database
    let notes = Notes()

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let notes = notes
        return try await base.read { try body(Connection(base: $0, notes: notes)) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let notes = notes
        return try await base.write { try body(Connection(base: $0, notes: notes)) }
    }
}

@Suite("Query plans", .timeLimit(.minutes(2)))
struct QueryPlanTests {
    @Test(
        "No statement of signing in, of sessions, agents and forward-auth reads a whole table",
        arguments: Engine.allCases
    )
    func plans(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let recorder = Recorder(base: test.database)
        let store = PortalStore(database: recorder, keyRing: test.keyRing)
        try await signIn(test, store)
        try await forward(try await GatewayScene(test, store, company: "gate"))
        let statements = recorder.notes.statements.withLock { Array($0) }
        #expect(statements.count > 40, "the paths are walked")
        for statement in statements {
            let plan = try await explain(statement, engine, test.database)
            #expect(!plan.isEmpty, "\(statement.sql)")
            #expect(fullScans(plan, engine).isEmpty, "\(statement.sql)\n\(plan.joined(separator: "\n"))")
        }
    }

    @Test("The test sees a full scan where there is one", arguments: Engine.allCases)
    func scansAreSeen(engine: Engine) async throws {
        let test = try await TestStore(engine)
        for sql in [
            "SELECT id FROM person WHERE name = 'x'", "UPDATE authenticator SET name = 'x' WHERE last_step = 1",
        ] {
            let plan = try await explain(Recorder.Statement(sql: sql, values: []), engine, test.database)
            #expect(!fullScans(plan, engine).isEmpty, "\(plan)")
        }
    }

    /// Walks everything that a request of a person or an agent may do.
    private func signIn(_ test: TestStore, _ store: PortalStore) async throws {
        let company = try await test.company()
        let user = try await test.add("bo", to: company)
        let authenticator = try Make.authenticator()
        let codes = Make.recoveryCodes()
        let (attempt, session, agent) = (Make.attempt(user), Make.session(user), Make.agentSession(user))
        let digest = try await test.state("bo").loginDigest
        let start = TestStore.start
        let entry = ActivityEntry(.signedIn, accountID: company.account.id, actor: ActivityPerson(user))
        let all: [SignInEffect] = [
            .insertAuthenticator(user.id, authenticator), .replaceRecoveryCodes(user.id, codes),
            .savePending(user.id, try Make.pending()), .insertAttempt(attempt), .insertSession(session),
            .insertAgentSession(agent), .acceptStep(authenticator.id, TimeStep(rawValue: 7), at: start),
            .spendRecoveryCode(user.id, codes[0].digest, at: start), .updateAttempt(attempt),
            .countWrongProof(session.id, user.id, count: 1), .renewSession(session), .recordSignIn(user.id, at: start),
            .endApplicationSessions(session.id, user.id), .endAPITokens(user.id),
            .saveThrottle(.login(.token, digest), ThrottleState(consecutive: 1)),
            .rehash(user.id, from: Make.hash(1), to: Make.hash(2)), .setPassword(user.id, Make.hash(3), at: start),
            .setProfile(user.id, name: "Bo", email: ""), .keepRecoveryCodes(user.id),
        ]
        try await decide(store, .login(Make.login("bo")), all, [entry])
        try await decide(store, .attempt(attempt.digest), [])
        try await decide(store, .session(session.digest), [])
        _ = try await store.sessionView(session.digest)
        _ = try await store.agentView(agent.digest)
        _ = try await store.attemptView(attempt.digest, at: start)
        _ = try await store.ownView(session.id)
        let post = WaitingPost(
            id: WaitingPost.ID(random: Make.random),
            sessionID: session.id,
            accountID: company.account.id,
            path: "/setup/roles",
            need: .strongest,
            content: [],
            expiresAt: start + 900
        )
        try await store.keep(post, by: session.digest)
        _ = try await store.waitingPost(post.id, of: session.id, at: start)
        _ = try await store.takePost(post.id, of: session.id, at: start)
        _ = try await store.isLoginReserved(Make.login("bo"), at: start)
        try await store.touchSession(session.id, at: start + 60)
        _ = try await store.divert(session, to: Make.attempt(user), entry: entry, at: start)
        try await store.endAttempt(attempt.digest, source: TestStore.source, at: start)
        try await store.endAgentSession(agent, entry: entry, at: start)
        _ = try await store.link(Make.digest(.invitation), at: start)
        _ = try await store.spendLink(Make.digest(.invitation), hash: Make.hash, source: TestStore.source, at: start)
        try await decide(
            store,
            .login(Make.login("bo")),
            [
                .removeAuthenticator(authenticator.id, user.id), .removeAuthenticators(user.id),
                .dropRecoveryCodes(user.id), .dropPending(user.id), .closeAttempts(user.id),
                .endSession(session.id, user.id), .endSessions(user.id, except: nil),
                .endAgentSession(agent.id, user.id),
                .endAgentSessions(user.id),
            ]
        )
        for _ in 0..<51 { try await decide(store, .login(Make.login("bo")), [.insertAttempt(Make.attempt(user))]) }
    }

    /// What a node asks for forward-auth, the table of all applications apart: it is read whole, once after a change.
    private func forward(_ scene: GatewayScene) async throws {
        let (store, user, start) = (scene.store, scene.company.admin.id, TestStore.start)
        _ = try await store.visit(try await scene.open())
        _ = try await store.bearer(Make.digest(.apiToken))
        _ = try await store.applications(scene.company.account.id)
        try await store.noteUnpinned([scene.application.id: start])
        _ = try await store.unpinned(scene.company.account.id, since: start)
        _ = try await store.roles(of: user)
        _ = try await store.changes(after: try await store.newestChange())
        _ = try await store.apiTokens(user)
        // A changed address and a taken-away right end what was opened.
        var moved = scene.application
        moved.origin = Origin("https://moved.example.com")!
        _ = try await scene.change(moved.id, .change(moved))
        try await store.touch([.portalSession(scene.session.id, at: start + 60)], at: start + 60)
    }

    private func decide(
        _ store: PortalStore,
        _ query: SubjectQuery,
        _ effects: [SignInEffect],
        _ entries: [ActivityEntry] = []
    ) async throws {
        let request = SubjectRequest(query, .all, throttles: ThrottleKind.allCases, source: TestStore.source)
        try await store.decide(request, at: TestStore.start) { _ in Decision((), effects, entries) }
    }

    // MARK: Plans

    private func explain(
        _ statement: Recorder.Statement,
        _ engine: Engine,
        _ database: any Database
    ) async throws -> [String] {
        try await database.write { connection in
            switch engine {
            case .sqlite:
                // Nothing to say about rows that are put in.
                let rows = try connection.query("EXPLAIN QUERY PLAN " + statement.sql, statement.values)
                return try ["plan"] + rows.map { try $0.text(3) }
            case .postgres:
                // Small tables are read whole because that is fastest; what cannot be done otherwise shows like this.
                try connection.execute("SET LOCAL enable_seqscan = off", [])
                return try connection.query("EXPLAIN " + statement.sql, statement.values).map { try $0.text(0) }
            }
        }
    }

    private func fullScans(_ plan: [String], _ engine: Engine) -> [String] {
        switch engine {
        case .sqlite:
            plan.filter { $0.hasPrefix("SCAN ") && !$0.hasPrefix("SCAN CONSTANT ROW") && !$0.contains("SUBQUERY") }
        case .postgres:
            plan.enumerated().filter { index, line in
                if line.contains("Seq Scan on") { return true }
                // An index that is walked from end to end has no condition.
                guard line.contains("Index Scan") || line.contains("Index Only Scan") else { return false }
                let rest = plan[(index + 1)...].prefix { !$0.contains("(cost=") }
                return !rest.contains { $0.contains("Index Cond:") }
            }.map(\.element)
        }
    }
}
