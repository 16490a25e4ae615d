import Accounts
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("A hash that begins while the charge for it is written", .timeLimit(.minutes(2)))
struct EarlyHashTests {
    @Test("A guess is hashed once, whether a thread is free or not (S-20)", arguments: Engine.allCases, [true, false])
    func once(engine: Engine, isFree: Bool) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let hasher = ScriptedHasher(isFree: isFree)
        let outcome = try await service(test, hasher).signIn(user)
        #expect(hasher.count == 1)
        guard case .signedIn = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A guess that the limits refuse costs no hash (S-26)", arguments: Engine.allCases)
    func refused(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let hasher = ScriptedHasher(isRight: false)
        let service = try service(test, hasher)
        for _ in 1...5 { _ = try await service.signIn(user) }
        let judged = hasher.count
        guard case .tooManyAttempts = try await service.signIn(user) else {
            Issue.record("a sixth guess was judged")
            return
        }
        #expect(hasher.count == judged)
    }

    @Test("A password that is changed meanwhile opens nothing (S-22)", arguments: Engine.allCases, [true, false])
    func changedMeanwhile(engine: Engine, isFree: Bool) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let hasher = ScriptedHasher(isFree: isFree) {
            try? await test.apply([.setPassword(user.id, Make.hash(9), at: TestStore.start)])
        }
        guard case .credentialsRefused = try await service(test, hasher).signIn(user) else {
            Issue.record("the old password went on")
            return
        }
    }

    @Test("A guess that nobody had room to hash is not counted (S-26)", arguments: Engine.allCases)
    func noRoom(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let service = try service(test, ScriptedHasher(hasRoom: false))
        for _ in 1...6 {
            await #expect(throws: PasswordHashingError.overloaded) { try await service.signIn(user) }
        }
        #expect(try await test.count("SELECT coalesce(max(consecutive), 0) FROM throttle") == 0)
    }

    private func service(_ test: TestStore, _ hasher: ScriptedHasher) throws -> SignInService {
        SignInService(
            Ceremony(store: test.store, hasher: hasher, clock: StandingClock(), random: SystemRandomSource())
        )
    }
}

extension SignInService {
    fileprivate func signIn(_ user: User) async throws -> SignInOutcome {
        try await submitPassword(
            login: Make.login(user.login),
            password: Password(utf8: "correct horse battery"),
            returnTo: "",
            source: TestStore.source
        ).outcome
    }
}

private struct StandingClock: WallClock {
    let now = TestStore.start
}

/// Says what it was told to say, and counts how often it was asked.
private final class ScriptedHasher: PasswordHashing {
    let decoy = Make.hash(0)
    let isFree: Bool
    private let isRight: Bool
    private let hasRoom: Bool
    private let meanwhile: @Sendable () async -> Void
    private let asked = Mutex(0)

    init(
        isFree: Bool = true,
        isRight: Bool = true,
        hasRoom: Bool = true,
        meanwhile: @escaping @Sendable () async -> Void = {}
    ) {
        self.isFree = isFree
        self.isRight = isRight
        self.hasRoom = hasRoom
        self.meanwhile = meanwhile
    }

    var count: Int { asked.withLock { $0 } }

    func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash { Make.hash }

    func verify(
        _ password: Password,
        against hash: PasswordHash
    ) async throws(PasswordHashingError) -> PasswordVerification {
        try await beginVerifying(password, against: hash)()
    }

    func beginVerifying(
        _ password: Password,
        against hash: PasswordHash
    ) -> @Sendable () async throws(PasswordHashingError) -> PasswordVerification {
        asked.withLock { $0 += 1 }
        return { [self] () async throws(PasswordHashingError) in
            guard hasRoom else { throw .overloaded }
            await meanwhile()
            return isRight ? .match(needsRehash: false) : .mismatch
        }
    }
}
