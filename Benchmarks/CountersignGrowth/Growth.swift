import Accounts
import Foundation
import OneTimePassword
import Secrets
import SignIn
import Storage

/// `make bench-growth`: what signing in and looking up a session cost the store, from 1,000 to 1,000,000 people.
@main
enum Growth {
    private static let sizes = [1_000, 10_000, 100_000, 1_000_000]

    static func main() async {
        do {
            let arguments = CommandLine.arguments
            let folder = arguments.count > 1 ? arguments[1] : ".build/bench-growth"
            let most = arguments.count > 2 ? Int(arguments[2]) ?? sizes[3] : sizes[3]
            say("| engine | people | sign-in, p50 | p99 | session check, p50 | p99 |")
            say("|---|---|---|---|---|---|")
            for engine in try await engines(folder) {
                defer { engine.close() }
                for size in sizes where size <= most { say(try await measure(engine, size)) }
            }
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    private static func engines(_ folder: String) async throws -> [BenchEngine] {
        let url = URL(fileURLWithPath: folder)
        try? FileManager.default.removeItem(at: url)
        let file = url.appendingPathComponent("growth.sqlite").path
        var engines = [try await BenchEngine.embedded(file)]
        if let address = ProcessInfo.processInfo.environment["COUNTERSIGN_TEST_POSTGRES"] {
            engines.append(try await BenchEngine.server(address))
        }
        return engines
    }

    private static func measure(_ engine: BenchEngine, _ size: Int) async throws -> String {
        try await engine.fill(upTo: size)
        let people = try await engine.people(300)
        var signIns: [Double] = []
        var checks: [Double] = []
        for (number, person) in people.enumerated() {
            let start = ContinuousClock.now
            let session = try await engine.signIn(person)
            let between = ContinuousClock.now
            for _ in 0..<10 { try await engine.check(session) }
            // The first ones fill caches.
            guard number >= 50 else { continue }
            signIns.append((between - start) / .milliseconds(1))
            checks.append((ContinuousClock.now - between) / .milliseconds(10))
        }
        let figures = [signIns, checks].flatMap { samples in
            let sorted = samples.sorted()
            return [0.5, 0.99].map { String(format: "%.2f ms", sorted[Int(Double(sorted.count - 1) * $0)]) }
        }
        return "| \(engine.name) | \(size) | " + figures.joined(separator: " | ") + " |"
    }
}

/// Says yes at once: the hash costs the same whatever the database holds, and would hide what does not.
struct FreeHashing: PasswordHashing {
    let decoy: PasswordHash
    let isFree = true

    func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash { decoy }

    func verify(
        _ password: Password,
        against hash: PasswordHash
    ) async throws(PasswordHashingError) -> PasswordVerification { .match(needsRehash: false) }

    func beginVerifying(
        _ password: Password,
        against hash: PasswordHash
    ) -> @Sendable () async throws(PasswordHashingError) -> PasswordVerification {
        { () async throws(PasswordHashingError) in try await verify(password, against: hash) }
    }
}

/// A clock that tests of speed may move on, so that nobody waits for the next time step.
struct MachineClock: WallClock {
    var now: UnixTime { UnixTime(seconds: Int64(Date().timeIntervalSince1970)) }
}
