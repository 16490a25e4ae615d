import OneTimePassword
import Testing

@Suite("Judging a pair of codes")
struct CodePairTests {
    static let now: UInt64 = 59_666_000

    private func judge(_ first: Int64, _ second: Int64, second offset: Int64 = 0) throws -> CodePairJudgement {
        let secret = try TestSecrets.rfc4226
        let now = Int64(Self.now)
        return TOTPVerifier().judgePair(
            first: try OneTimeCode(of: secret, step: UInt64(now + first)),
            second: try OneTimeCode(of: secret, step: UInt64(now + second)),
            secret: secret,
            at: now * 30 + offset
        )
    }

    @Test(
        "S-18, S-19: consecutive codes from k = now-2 to k = now+1 are accepted, and the second one is used up",
        arguments: [-2, -1, 0, 1] as [Int64],
        [0, 15, 29] as [Int64]
    )
    func accepted(first: Int64, second: Int64) throws {
        let last = TimeStep(rawValue: UInt64(Int64(Self.now) + first + 1))
        #expect(try judge(first, first + 1, second: second) == .accepted(lastStep: last))
    }

    @Test(
        "S-19: the same code twice, a step left out, the wrong order and strange codes are refused",
        arguments: [
            (0, 0), (-1, -1), (1, 1), (0, 2), (-1, 1), (-2, 1), (1, 0), (0, -1), (2, 1), (0, 500), (500, 1),
            (121, 122), (-121, -120), (500, 501),
        ] as [(Int64, Int64)]
    )
    func refused(first: Int64, second: Int64) throws {
        #expect(try judge(first, second) == .notConsecutive)
    }

    @Test(
        "A pair in order about another time tells by how much the device's clock is off",
        arguments: [
            (-3, -60), (2, 90), (3, 120), (-4, -90), (-120, -3570), (120, 3630), (-11, -300), (9, 300),
        ] as [(Int64, Int64)]
    )
    func clockOff(first: Int64, seconds: Int64) throws {
        #expect(try judge(first, first + 1) == .clockOff(seconds: seconds))
    }

    @Test("S-19: one right code beside a wrong one proves nothing, on either side")
    func oneWrong() throws {
        let secret = try TestSecrets.rfc4226
        let right = try OneTimeCode(of: secret, step: Self.now)
        let next = try OneTimeCode(of: secret, step: Self.now + 1)
        let wrong = try #require(OneTimeCode("000000"))
        let seconds = Int64(Self.now) * 30
        for (first, second) in [(right, wrong), (wrong, next), (wrong, wrong)] {
            let judgement = TOTPVerifier().judgePair(first: first, second: second, secret: secret, at: seconds)
            #expect(judgement == .notConsecutive)
        }
    }

    @Test("S-19: the same code twice is no pair even where two neighbouring steps share it")
    func sharedCode() throws {
        let code = try #require(OneTimeCode("963181"))
        let judgement = TOTPVerifier()
            .judgePair(first: code, second: code, secret: try TestSecrets.rfc4226, at: 59_061_240 * 30)
        #expect(judgement == .notConsecutive)
    }

    @Test("A pair near 1970 is judged without steps before the first")
    func nearOrigin() throws {
        let secret = try TestSecrets.rfc4226
        let judgement = TOTPVerifier().judgePair(
            first: try OneTimeCode(of: secret, step: 0),
            second: try OneTimeCode(of: secret, step: 1),
            secret: secret,
            at: 0
        )
        #expect(judgement == .accepted(lastStep: TimeStep(rawValue: 1)))
    }

    @Test("Another secret's pair is refused")
    func otherSecret() throws {
        let other = try TestSecrets.digits(32)
        let judgement = TOTPVerifier().judgePair(
            first: try OneTimeCode(of: other, step: Self.now),
            second: try OneTimeCode(of: other, step: Self.now + 1),
            secret: try TestSecrets.rfc4226,
            at: Int64(Self.now) * 30
        )
        #expect(judgement == .notConsecutive)
    }
}
