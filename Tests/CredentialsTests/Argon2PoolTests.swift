import Credentials
import Secrets
import Testing

@Suite("Argon2id pool")
struct Argon2PoolTests {
    /// Small enough for many hashes in a test.
    static let cheap = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1) ?? .current

    @Test("The right password matches its hash, others do not, and the hash has the current parameters")
    func verify() async throws {
        let pool = Argon2Pool(workers: 2)
        let hash = try await pool.hash(Password(utf8: "correct horse"))
        #expect(hash.phc.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(hash.salt.count == 16 && hash.tag.count == 32)
        let stored = try #require(PasswordHash(phc: hash.phc))
        #expect(try await pool.verify(Password(utf8: "correct horse"), against: stored) == .match(needsRehash: false))
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct horse\u{0}"] {
            #expect(try await pool.verify(Password(utf8: wrong), against: stored) == .mismatch)
        }
    }

    @Test("Two hashes of one password are different")
    func salts() async throws {
        let pool = Argon2Pool(parameters: Self.cheap, workers: 1)
        let first = try await pool.hash(Password(utf8: "p"))
        #expect(try await pool.hash(Password(utf8: "p")) != first)
    }

    @Test("A hash of other parameters still matches and asks for a new one")
    func rehash() async throws {
        let old = try await Argon2Pool(parameters: Self.cheap, workers: 1).hash(Password(utf8: "p"))
        let pool = Argon2Pool(workers: 1)
        #expect(try await pool.verify(Password(utf8: "p"), against: old) == .match(needsRehash: true))
        #expect(try await pool.verify(Password(utf8: "q"), against: old) == .mismatch)
    }

    @Test("The decoy has the current parameters and lengths, matches nothing, and is each pool's own")
    func decoy() async throws {
        let pool = Argon2Pool(workers: 1)
        #expect(pool.decoy.parameters == .current)
        #expect(pool.decoy.salt.count == 16 && pool.decoy.tag.count == 32)
        #expect(pool.decoy != Argon2Pool(workers: 1).decoy)
        #expect(try await pool.verify(Password(utf8: ""), against: pool.decoy) == .mismatch)
    }

    @Test("Beyond the workers and the queue the answer is overloaded, and afterwards the pool works as before")
    func overload() async throws {
        let pool = Argon2Pool(workers: 2, queueLimit: 3)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do throws(PasswordHashingError) {
                        _ = try await pool.hash(Password(utf8: "p"))
                        return true
                    } catch {
                        #expect(error == .overloaded)
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.count == 40)
        #expect(outcomes.contains(true) && outcomes.contains(false))
        _ = try await pool.hash(Password(utf8: "p"))
    }

    @Test("A full queue of the usual length is worked off")
    func queue() async throws {
        let pool = Argon2Pool(parameters: Self.cheap, workers: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<66 {
                group.addTask { _ = try await pool.hash(Password(utf8: "p")) }
            }
            try await group.waitForAll()
        }
    }

    @Test("A task that is cancelled while it waits gets its answer all the same")
    func cancellation() async throws {
        let pool = Argon2Pool(workers: 1)
        let hash = try await pool.hash(Password(utf8: "p"))
        let tasks = (0..<8).map { _ in
            Task { try await pool.verify(Password(utf8: "p"), against: hash) }
        }
        for task in tasks {
            task.cancel()
        }
        for task in tasks {
            #expect(try await task.value == .match(needsRehash: false))
        }
    }

    @Test("Pools come and go, also while others wait on them")
    func lifetimes() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let pool = Argon2Pool(parameters: Self.cheap, workers: 2)
                    _ = try? await pool.hash(Password(utf8: "p"))
                }
            }
        }
    }

    @Test("A moment after a hash its memory is wiped, and kept for the next")
    func wiping() async throws {
        let pool = Argon2Pool(workers: 2, idleSeconds: 3_600)
        let hash = try await pool.hash(Password(utf8: "p"))
        var patience = 400
        while patience > 0, pool.holdsTraces || !pool.holdsMemory {
            patience -= 1
            try await Task.sleep(for: .milliseconds(25))
        }
        #expect(pool.holdsMemory && !pool.holdsTraces)
        #expect(try await pool.verify(Password(utf8: "p"), against: hash) == .match(needsRehash: false))
    }

    @Test("After idling the memory is gone, and the next hash works")
    func idle() async throws {
        let patient = Argon2Pool(workers: 2, idleSeconds: 3_600)
        #expect(!patient.holdsMemory)
        _ = try await patient.hash(Password(utf8: "p"))
        #expect(patient.holdsMemory)
        let pool = Argon2Pool(workers: 2, idleSeconds: 0.05)
        let hash = try await pool.hash(Password(utf8: "p"))
        for _ in 0..<200 where pool.holdsMemory { try await Task.sleep(for: .milliseconds(50)) }
        #expect(!pool.holdsMemory)
        #expect(try await pool.verify(Password(utf8: "p"), against: hash) == .match(needsRehash: false))
    }
}
