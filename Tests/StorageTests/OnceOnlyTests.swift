import Accounts
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

@Suite("What counts once", .timeLimit(.minutes(2)))
struct OnceOnlyTests {
    /// How many of 50 decisions at once came through.
    private func passed(_ test: TestStore, _ effect: SignInEffect) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do throws(StoreError) {
                        try await test.apply([effect])
                        return true
                    } catch {
                        #expect(error == .conflict)
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    @Test("Of 50 submissions of one step at once exactly one passes (S-05, INV-1)", arguments: Engine.allCases)
    func oneStep(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let authenticator = try Make.authenticator(lastStep: 100)
        try await test.apply([.insertAuthenticator(user.id, authenticator)])
        for step in [UInt64(101), 102, 110] {
            let effect = SignInEffect.acceptStep(authenticator.id, TimeStep(rawValue: step), at: TestStore.start)
            #expect(await passed(test, effect) == 1)
            #expect(try await test.subject(user).authenticators.map(\.lastAcceptedStep.rawValue) == [step])
        }
    }

    @Test(
        "A step at or before the last accepted one never passes (S-05, INV-2)",
        arguments: [0, 99, 100] as [UInt64],
        Engine.allCases
    )
    func lowerStep(step: UInt64, engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let authenticator = try Make.authenticator(lastStep: 100)
        try await test.apply([.insertAuthenticator(user.id, authenticator)])
        await #expect(throws: StoreError.conflict) {
            try await test.apply([.acceptStep(authenticator.id, TimeStep(rawValue: step), at: TestStore.start)])
        }
        #expect(try await test.subject(user).authenticators.map(\.lastAcceptedStep.rawValue) == [100])
    }

    @Test("Steps belong to one authenticator: the same step of another one passes (S-05)", arguments: Engine.allCases)
    func otherAuthenticator(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let both = [try Make.authenticator(), try Make.authenticator(name: "Tablet")]
        try await test.apply(both.map { .insertAuthenticator(user.id, $0) })
        for authenticator in both {
            try await test.apply([.acceptStep(authenticator.id, TimeStep(rawValue: 5), at: TestStore.start)])
        }
    }

    @Test("A recovery code is spent once, however many use it at the same moment (INV-1)", arguments: Engine.allCases)
    func recoveryCode(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let codes = Make.recoveryCodes()
        try await test.apply([.replaceRecoveryCodes(user.id, codes)])
        #expect(try await test.subject(user).recoveryCodes.count == 10)
        #expect(await passed(test, .spendRecoveryCode(user.id, codes[3].digest, at: TestStore.start)) == 1)
        let left = try await test.subject(user).recoveryCodes
        #expect(left == Set(codes.map(\.digest)).subtracting([codes[3].digest]))
    }

    @Test("A recovery code is good for its own login alone (S-22)", arguments: Engine.allCases)
    func foreignRecoveryCode(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let other = try await test.add("bo", to: company)
        let codes = Make.recoveryCodes()
        try await test.apply([.replaceRecoveryCodes(company.admin.id, codes)])
        await #expect(throws: StoreError.conflict) {
            try await test.apply([.spendRecoveryCode(other.id, codes[0].digest, at: TestStore.start)])
        }
    }

    @Test("A refusal keeps its charge: of 50 guesses at once ten are judged (S-26, INV-3)", arguments: Engine.allCases)
    func budget(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let request = SubjectRequest(.login(Make.login(user.login)), [], throttles: [.token], source: TestStore.source)
        let judged = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await test.store.decide(request, at: TestStore.start) { state in
                        let keys = Throttles.keys(.token, login: state.loginDigest, source: TestStore.source)
                        guard state.throttles.verdict(keys, at: TestStore.start) == .open else {
                            return Decision(false)
                        }
                        return Decision(true, state.throttles.charging(keys, at: TestStore.start))
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(judged == 10)
        let state = try await test.state(user.login)
        let counted = state.throttles[.login(.token, state.loginDigest)]
        #expect(counted.consecutive == 10)
        #expect(counted.recent == Array(repeating: TestStore.start, count: 10))
        #expect(state.throttles[.address(.token, "192.0.2.7")].recent.count == 10)
        // Neither another kind nor another login has lost anything.
        #expect(state.throttles[.login(.agentPassword, state.loginDigest)] == .clear)
        let other = try await test.state("somebody")
        #expect(other.throttles[.login(.token, other.loginDigest)] == .clear)
    }

    @Test("A counter comes back as it was written, with its wait and its times", arguments: Engine.allCases)
    func counters(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let digest = try await test.state("ghost").loginDigest
        let state = ThrottleState(
            consecutive: 7,
            blockedUntil: TestStore.start + 4,
            recent: [TestStore.start - 3, TestStore.start]
        )
        try await test.apply([.saveThrottle(.login(.portalPassword, digest), state)])
        #expect(try await test.state("ghost").throttles[.login(.portalPassword, digest)] == state)
        // Another spelling is the same login.
        #expect(try await test.state(" GHOST ").throttles[.login(.portalPassword, digest)] == state)
        #expect(try await test.count("SELECT count(*) FROM throttle WHERE subject LIKE '%ghost%'") == 0)
    }

    @Test("A hash is renewed only where the old one is still stored (E19)", arguments: Engine.allCases)
    func rehash(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        try await test.apply([.setPassword(user.id, Make.hash(2), at: TestStore.start)])
        try await test.apply([.rehash(user.id, from: Make.hash(1), to: Make.hash(3))])
        #expect(try await test.subject(user).passwordHash == Make.hash(2))
        try await test.apply([.rehash(user.id, from: Make.hash(2), to: Make.hash(3))])
        #expect(try await test.subject(user).passwordHash == Make.hash(3))
    }
}
