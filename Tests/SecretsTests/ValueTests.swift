import Crypto
import Secrets
import Testing

@Suite("Time, randomness and comparison")
struct ValueTests {
    @Test("Moments are ordered, and arithmetic stops at the ends of time instead of trapping")
    func unixTime() {
        let time = UnixTime(seconds: 100)
        #expect(time + 5 == UnixTime(seconds: 105))
        #expect(time - 5 == UnixTime(seconds: 95))
        #expect(time < time + 1)
        #expect(time.distance(to: time + 7) == 7)
        #expect((time + 7).distance(to: time) == -7)
        #expect(UnixTime(seconds: .max) + 1 == UnixTime(seconds: .max))
        #expect(UnixTime(seconds: .min) - 1 == UnixTime(seconds: .min))
        #expect(UnixTime(seconds: .min) + -1 == UnixTime(seconds: .min))
        #expect(UnixTime(seconds: .max) - -1 == UnixTime(seconds: .max))
        #expect(UnixTime(seconds: .min).distance(to: UnixTime(seconds: .max)) == .max)
    }

    @Test("The system's source gives as many bytes as asked for, and others each time", arguments: [0, 1, 7, 8, 9, 32])
    func randomBytes(count: Int) {
        let source = SystemRandomSource()
        #expect(source.bytes(count).count == count)
        #expect(count < 8 || source.bytes(count) != source.bytes(count))
    }

    @Test("The system's bytes are spread evenly (chi-square over 100,000 bytes, far limits)")
    func randomSpread() {
        var counts = [Int](repeating: 0, count: 256)
        for byte in SystemRandomSource().bytes(100_000) {
            counts[Int(byte)] += 1
        }
        let expected = 100_000.0 / 256
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect((140.0...400.0).contains(chiSquare))
    }

    static let comparisons: [([UInt8], [UInt8], Bool)] = [
        ([], [], true), ([1], [1], true), ([1], [2], false), ([1, 2], [1], false), ([1], [1, 2], false),
        ([0, 0, 1], [0, 0, 0], false), ([1, 0, 0], [0, 0, 0], false), ([], [0], false),
    ]

    @Test("Bytes are equal if all of them are", arguments: comparisons)
    func constantTime(lhs: [UInt8], rhs: [UInt8], expected: Bool) {
        #expect(ConstantTime.equals(lhs, rhs) == expected)
    }

    @Test("No way of printing shows what is redacted")
    func redaction() throws {
        let source = FixedRandomSource(start: 65)
        let token = BearerToken(kind: .portalSession, random: source)
        let recoveryCode = RecoveryCode(random: source)
        let values: [(Any, String)] = [
            (Redacted("hunter2"), "hunter2"),
            (Password(utf8: "hunter2"), "hunter2"),
            (token, String(token.text.dropFirst(5))),
            (recoveryCode, String(recoveryCode.text.prefix(4))),
            (KeyRing(random: source), "65, 66"),
            (KeyRing(random: source).current, "65, 66"),
            (try #require(PasswordHash(phc: PasswordHashTests.example)), "argon2id"),
        ]
        for (value, secret) in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped, "\([value])", "\(["key": value])"] {
                #expect(!text.contains(secret))
                #expect(text.contains("redacted"))
            }
            #expect(Mirror(reflecting: value).children.isEmpty)
        }
    }

    @Test("A password is its UTF-8 bytes", arguments: ["", "a", "pässword", String(repeating: "x", count: 5000)])
    func password(text: String) {
        let password = Password(utf8: text)
        #expect(password.byteCount == text.utf8.count)
        #expect(password.withBytes { $0.count } == text.utf8.count)
        #expect(password.withBytes { span in span.indices.map { span[$0] } } == Array(text.utf8))
    }
}
