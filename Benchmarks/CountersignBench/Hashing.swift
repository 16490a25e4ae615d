import Credentials
import Secrets

/// Argon2id alone, in this process: what signing in is measured against.
enum Hashing {
    private static let password = Password(utf8: Company.password)
    private static let salt = [UInt8](repeating: 7, count: RawArgon2.saltByteCount)

    /// Hashes a second on so many threads that do nothing else.
    static func perSecond(workers: Int, seconds: Double) async throws -> Double {
        let rates = try await onThreads(workers) { _ in
            var argon2 = RawArgon2()
            // The first one asks the system for the memory.
            try hash(&argon2)
            var count = 0
            let watch = Stopwatch()
            while watch.seconds < seconds {
                try hash(&argon2)
                count += 1
            }
            return Double(count) / watch.seconds
        }
        return rates.reduce(0, +)
    }

    /// How long one hash takes now, in milliseconds.
    static func milliseconds(_ argon2: inout RawArgon2) throws -> Double {
        let watch = Stopwatch()
        try hash(&argon2)
        return watch.milliseconds
    }

    private static func hash(_ argon2: inout RawArgon2) throws {
        guard argon2.tag(of: password, salt: salt, parameters: .current) != nil else {
            throw BenchError("Argon2id does not work here.")
        }
    }
}
