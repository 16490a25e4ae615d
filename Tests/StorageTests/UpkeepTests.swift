import Accounts
import Secrets
import SignIn
import Storage
import Testing

@Suite("Cleaning up", .timeLimit(.minutes(2)))
struct UpkeepTests {
    @Test("What has expired goes, what is live stays", arguments: Engine.allCases)
    func expired(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let (_, link) = Make.link(.invitation, lasting: 3_600)
        let user = try await test.add("bo", to: company, credential: .invitation(link))
        try await test.apply([
            .insertAttempt(Make.attempt(user)), .savePending(user.id, try Make.pending()),
            .insertAgentSession(Make.agentSession(user)), .insertSession(Make.session(user)),
            .insertAuthenticator(user.id, try Make.authenticator()),
        ])
        let short = ["sign_in_attempt", "pending_enrolment"]
        let long = ["agent_session", "portal_session", "one_time_link"]
        try await test.store.cleanUp(at: TestStore.start + 1)
        for table in short + long { #expect(try await test.count("SELECT count(*) FROM \(table)") == 1, "\(table)") }
        try await test.store.cleanUp(at: TestStore.start + 3_600)
        for table in short { #expect(try await test.count("SELECT count(*) FROM \(table)") == 0, "\(table)") }
        for table in long { #expect(try await test.count("SELECT count(*) FROM \(table)") == 1, "\(table)") }
        try await test.store.cleanUp(at: TestStore.start + 100_000)
        for table in long { #expect(try await test.count("SELECT count(*) FROM \(table)") == 0, "\(table)") }
        #expect(try await test.count("SELECT count(*) FROM authenticator") == 1)
        #expect(try await test.count("SELECT count(*) FROM person") == 2)
    }

    @Test("A run of wrong tokens is kept for ever, other counters for a day (A12, S-26)", arguments: Engine.allCases)
    func counters(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let digest = try await test.state("bo").loginDigest
        let other = try await test.state("clara").loginDigest
        let failed = ThrottleState(consecutive: 3, recent: [TestStore.start])
        try await test.apply([
            .saveThrottle(.login(.token, digest), failed), .saveThrottle(.login(.token, other), .clear),
            .saveThrottle(.login(.portalPassword, digest), failed),
            .saveThrottle(.address(.token, "192.0.2.7"), failed),
        ])
        try await test.store.cleanUp(at: TestStore.start + 24 * 3_600 - 1)
        #expect(try await test.count("SELECT count(*) FROM throttle") == 4)
        try await test.store.cleanUp(at: TestStore.start + 365 * 24 * 3_600)
        let state = try await test.state("bo")
        #expect(state.throttles[.login(.token, digest)] == failed)
        #expect(state.throttles[.login(.portalPassword, digest)] == .clear)
        #expect(try await test.count("SELECT count(*) FROM throttle") == 1)
    }

    @Test("The first-run link stays until it is used", arguments: Engine.allCases)
    func firstRun(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let token = BearerToken(kind: .firstRun, random: Make.random)
        #expect(try await test.store.offerFirstRun(token.digest, at: TestStore.start))
        let nextYear = TestStore.start + 365 * 24 * 3_600
        try await test.store.cleanUp(at: nextYear)
        #expect(try await test.store.link(token.digest, at: nextYear) != nil)
    }
}
