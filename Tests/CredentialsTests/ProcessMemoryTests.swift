import Credentials
import Foundation
import Secrets
import Testing

@Suite("The process's memory", .timeLimit(.minutes(1)))
struct ProcessMemoryTests {
    @Test("Code that was let go comes back as it is used, and constants read as before")
    func comesBack() async throws {
        let before = Self.sample()
        ProcessMemory.forgetStart()
        #expect(Self.sample() == before)
        let pool = Argon2Pool(workers: 1)
        let password = Password(utf8: "correct horse battery")
        let hash = try await pool.hash(password)
        #expect(try await pool.verify(password, against: hash) == .match(needsRehash: false))
    }

    private static func sample() -> String {
        (0..<200).map { String(format: "%08x %@", $0 &* 2_654_435, "\(Double($0).squareRoot())") }.joined()
    }
}
