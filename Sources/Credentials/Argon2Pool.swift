import Foundation
package import Secrets

/// Password hashing with Argon2id on threads of its own.
///
/// A task that is cancelled while it waits still gets its answer, a little later: a computation is never abandoned, so
/// hanging up does not make a guess cheaper.
package final class Argon2Pool: PasswordHashing {
    package static let defaultQueueLimit = 64

    package let decoy: PasswordHash

    private let parameters: Argon2Parameters
    private let random: any RandomSource
    private let workers: Argon2Workers

    /// - Parameters:
    ///   - parameters: What new hashes are made with.
    ///   - workers: How many hashes are computed at once; each takes its memory.
    ///   - queueLimit: How many more may wait; beyond that the answer is `.overloaded`.
    ///   - idleSeconds: After how long without work memory is given back.
    ///   - random: Where salts come from.
    ///   - backlog: Told how many hashes wait.
    package init(
        parameters: Argon2Parameters = .current,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount,
        queueLimit: Int = defaultQueueLimit,
        idleSeconds: Double = 2,
        random: some RandomSource = SystemRandomSource(),
        backlog: HashingBacklog = HashingBacklog()
    ) {
        self.parameters = parameters
        self.random = random
        // A random tag is as good as the tag of a random password: nobody can find a password that has it, and
        // judging a password against it is the same work as against any other.
        decoy = Self.hash(parameters, random.bytes(RawArgon2.saltByteCount), random.bytes(RawArgon2.tagByteCount))
        self.workers = Argon2Workers(
            count: workers,
            queueLimit: queueLimit,
            idleSeconds: idleSeconds,
            backlog: backlog
        )
        self.workers.start()
    }

    deinit {
        // Nobody waits any more: whoever waits holds the pool.
        workers.stop()
    }

    package var isFree: Bool { workers.isFree }

    /// Whether memory is kept for the next hash.
    package var holdsMemory: Bool { workers.holdsMemory }

    /// Whether a part of it still has what a hash left there.
    package var holdsTraces: Bool { workers.holdsTraces }

    package func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash {
        let salt = random.bytes(RawArgon2.saltByteCount)
        let tag = try await begin(password, salt, parameters, byteCount: RawArgon2.tagByteCount).tag()
        return Self.hash(parameters, salt, tag)
    }

    package func verify(
        _ password: Password,
        against hash: PasswordHash
    ) async throws(PasswordHashingError) -> PasswordVerification {
        try await beginVerifying(password, against: hash)()
    }

    package func beginVerifying(
        _ password: Password,
        against hash: PasswordHash
    ) -> @Sendable () async throws(PasswordHashingError) -> PasswordVerification {
        let promise = begin(password, hash.salt, hash.parameters, byteCount: hash.tag.count)
        let isCurrent =
            hash.parameters == parameters && hash.salt.count == RawArgon2.saltByteCount
            && hash.tag.count == RawArgon2.tagByteCount
        return { () async throws(PasswordHashingError) in
            ConstantTime.equals(try await promise.tag(), hash.tag) ? .match(needsRehash: !isCurrent) : .mismatch
        }
    }

    private func begin(
        _ password: Password,
        _ salt: [UInt8],
        _ parameters: Argon2Parameters,
        byteCount: Int
    ) -> TagPromise {
        let promise = TagPromise()
        let job = Argon2Job(password: password, salt: salt, parameters: parameters, tagByteCount: byteCount) { tag in
            promise.keep(tag.map { .success($0) } ?? .failure(.failed))
        }
        if !workers.submit(job) { promise.keep(.failure(.overloaded)) }
        return promise
    }

    /// A hash of lengths that are constants above, which `PasswordHash` accepts.
    private static func hash(_ parameters: Argon2Parameters, _ salt: [UInt8], _ tag: [UInt8]) -> PasswordHash {
        guard let hash = PasswordHash(parameters: parameters, salt: salt, tag: tag) else {
            preconditionFailure("A random source gives as many bytes as it is asked for.")
        }
        return hash
    }
}
