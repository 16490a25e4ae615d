import Accounts
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("Decisions and their commits", .timeLimit(.minutes(2)))
struct SignInStoreTests {
    @Test(
        "A decision applies all of its effects and its entry, or none of them (INV-8, INV-9)",
        arguments: Engine.allCases
    )
    func allOrNothing(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let user = company.admin
        let attempt = Make.attempt(user)
        let entry = ActivityEntry(.signedIn, accountID: company.account.id, actor: ActivityPerson(user))
        let before = try await test.entries(company.account.id).count

        // The last effect names an attempt that is gone.
        let gone = Make.attempt(user)
        let effects: [SignInEffect] = [
            .insertAttempt(attempt), .insertSession(Make.session(user)), .recordSignIn(user.id, at: TestStore.start),
            .closeAttempt(gone.id, version: 0),
        ]
        await #expect(throws: StoreError.conflict) { try await test.apply(effects, entries: [entry]) }
        #expect(try await test.count("SELECT count(*) FROM sign_in_attempt") == 0)
        #expect(try await test.count("SELECT count(*) FROM portal_session") == 0)
        #expect(try await test.count("SELECT count(*) FROM person WHERE last_sign_in_at IS NOT NULL") == 0)
        #expect(try await test.entries(company.account.id).count == before)

        try await test.apply(Array(effects.dropLast()), entries: [entry])
        #expect(try await test.count("SELECT count(*) FROM sign_in_attempt") == 1)
        #expect(try await test.count("SELECT count(*) FROM portal_session") == 1)
        #expect(try await test.count("SELECT count(*) FROM person WHERE last_sign_in_at IS NOT NULL") == 1)
        #expect(try await test.entries(company.account.id).count == before + 1)
    }

    @Test("A conflict is decided again at most twice, and then it is told", arguments: Engine.allCases)
    func retries(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let gone = Make.attempt(user)
        let asked = Counter()
        let request = SubjectRequest(.login(Make.login(user.login)), [], throttles: [], source: TestStore.source)
        await #expect(throws: StoreError.conflict) {
            try await test.store.decide(request, at: TestStore.start) { _ in
                asked.increase()
                return Decision((), [.closeAttempt(gone.id, version: 0)])
            }
        }
        #expect(asked.value == 3)

        let second = Counter()
        let outcome = try await test.store.decide(request, at: TestStore.start) { _ in
            second.increase()
            return Decision(second.value, second.value < 3 ? [.closeAttempt(gone.id, version: 0)] : [])
        }
        #expect(outcome == 3)
    }

    @Test("An attempt changes only for whoever read its present version (S-25)", arguments: Engine.allCases)
    func versions(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let digest = Make.digest()
        var attempt = Make.attempt(user, digest: digest)
        try await test.apply([.insertAttempt(attempt)])
        attempt.wrongTokens = 1
        try await test.apply([.updateAttempt(attempt)])
        await #expect(throws: StoreError.conflict) { try await test.apply([.updateAttempt(attempt)]) }
        let view = try #require(try await test.store.attemptView(digest, at: TestStore.start))
        #expect(view.attempt.wrongTokens == 1)
        #expect(view.attempt.version == 1)
        #expect(view.subject.user == user)
    }

    @Test("An attempt opens nothing from the second on in which it expires (S-25)", arguments: Engine.allCases)
    func expiry(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let attempt = Make.attempt(try await test.company().admin)
        try await test.apply([.insertAttempt(attempt)])
        #expect(try await test.store.attemptView(attempt.digest, at: attempt.expiresAt - 1) != nil)
        #expect(try await test.store.attemptView(attempt.digest, at: attempt.expiresAt) == nil)
    }

    @Test("The 51st attempt of a login closes the oldest, and nobody else's", arguments: Engine.allCases)
    func oldestAttempt(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let other = try await test.add("bo", to: company)
        try await test.apply([.insertAttempt(Make.attempt(other))], at: TestStore.start - 100)
        var attempts: [SignInAttempt] = []
        for second in 0..<51 {
            attempts.append(Make.attempt(company.admin))
            try await test.apply([.insertAttempt(attempts[second])], at: TestStore.start + Int64(second))
        }
        #expect(try await test.count("SELECT count(*) FROM sign_in_attempt") == 51)
        #expect(try await test.store.attemptView(attempts[0].digest, at: TestStore.start) == nil)
        #expect(try await test.store.attemptView(attempts[1].digest, at: TestStore.start) != nil)
        #expect(try await test.store.attemptView(attempts[50].digest, at: TestStore.start) != nil)
    }

    @Test("Entries with the same key become one that counts; others stay apart (INV-9)", arguments: Engine.allCases)
    func mergedEntries(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let account = company.account.id
        for key in ["a", "a", nil, nil, "b", "a"] {
            try await test.apply([], entries: [ActivityEntry(.limitReached, accountID: account, mergeKey: key)])
        }
        let times = try await test.entries(account).filter { $0.kind == .limitReached }.map(\.times)
        #expect(times.sorted() == [1, 1, 1, 3])
    }

    @Test(
        "Cancelling the caller does not undo its write: a guesser who hangs up is counted all the same",
        arguments: Engine.allCases
    )
    func cancellation(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let request = SubjectRequest(.login(Make.login(user.login)), [], throttles: [.token], source: TestStore.source)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(Task.isCancelled)
            return try await test.store.decide(request, at: TestStore.start) { state in
                let keys = Throttles.keys(.token, login: state.loginDigest, source: TestStore.source)
                return Decision("refused", state.throttles.charging(keys, at: TestStore.start))
            }
        }
        #expect(try await task.value == "refused")
        let state = try await test.state(user.login)
        #expect(state.throttles[.login(.token, state.loginDigest)].consecutive == 1)
    }

    @Test(
        "A session gives way to enrolment once; of two requests one opens the attempt (S-37)",
        arguments: Engine.allCases
    )
    func divert(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let session = Make.session(company.admin)
        try await test.apply([.insertSession(session)])
        let entry = ActivityEntry(.divertedToEnrolment, accountID: company.account.id)
        let attempts = [Make.attempt(company.admin), Make.attempt(company.admin)]
        let diverted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for attempt in attempts {
                group.addTask {
                    try await test.store.divert(session, to: attempt, entry: entry, at: TestStore.start)
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(diverted == 1)
        #expect(try await test.store.sessionView(session.digest) == nil)
        #expect(try await test.count("SELECT count(*) FROM sign_in_attempt") == 1)
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func increase() { number.withLock { $0 += 1 } }
}
