import OneTimePassword
import Testing

@Suite("Verifying one code")
struct TOTPVerifierTests {
    let verifier = TOTPVerifier()
    static let step: UInt64 = 59_666_000
    static let start = Int64(step) * 30

    @Test(
        "B08: exactly the codes of the steps -1, 0 and +1 fit, from the first to the last second of a step",
        arguments: Array(-5...5),
        [0, 1, 29] as [Int64]
    )
    func window(offset: Int, second: Int64) throws {
        let secret = try TestSecrets.rfc4226
        let codeStep = UInt64(Int64(Self.step) + Int64(offset))
        let code = try OneTimeCode(of: secret, step: codeStep)
        let steps = verifier.matchingSteps(for: code, secret: secret, at: Self.start + second)
        #expect(steps == ((-1...1).contains(offset) ? [TimeStep(rawValue: codeStep)] : []))
    }

    @Test("A wider window takes the codes it says and no others", arguments: Array(-5...5))
    func otherWindow(offset: Int64) throws {
        let secret = try TestSecrets.rfc4226
        let code = try OneTimeCode(of: secret, step: UInt64(Int64(Self.step) + offset))
        let window = TimeStepWindow(past: 4, future: 0)
        let steps = verifier.matchingSteps(for: code, secret: secret, at: Self.start, window: window)
        #expect(steps.isEmpty != (-4...0).contains(offset))
    }

    @Test("S-05, B10: a code that two steps share by chance fits both, so that the unused one can be accepted")
    func sharedCode() throws {
        let secret = try TestSecrets.rfc4226
        // Found by search: 59061240 and the next one share a code; so do 61331809 and the next but one.
        let neighbours = try #require(OneTimeCode("963181"))
        for now: UInt64 in [59_061_240, 59_061_241] {
            let steps = verifier.matchingSteps(for: neighbours, secret: secret, at: Int64(now) * 30)
            #expect(steps.map(\.rawValue) == [59_061_240, 59_061_241])
        }
        let apart = try #require(OneTimeCode("768734"))
        let steps = verifier.matchingSteps(for: apart, secret: secret, at: 61_331_810 * 30)
        #expect(steps.map(\.rawValue) == [61_331_809, 61_331_811])
    }

    @Test("B07: a code with a leading zero is a code like any other")
    func leadingZero() throws {
        let code = try #require(OneTimeCode("008554"))
        let steps = verifier.matchingSteps(for: code, secret: try TestSecrets.rfc4226, at: 59_000_187 * 30)
        #expect(steps.map(\.rawValue) == [59_000_187])
    }

    @Test(
        "Any moment can be judged, at the ends of time too, and no step is named twice",
        arguments: [Int64.min, -31, -1, 0, 1, 29, 30, 2_147_483_648, 20_000_000_000, .max - 1, .max]
    )
    func anyMoment(seconds: Int64) throws {
        let secret = try TestSecrets.rfc4226
        let now = TimeStep(containing: seconds)
        let code = try OneTimeCode(of: secret, step: now.rawValue)
        #expect(verifier.matchingSteps(for: code, secret: secret, at: seconds) == [now])
        #expect(verifier.judgePair(first: code, second: code, secret: secret, at: seconds) == .notConsecutive)
    }

    @Test("B15: a code computed under other parameters does not fit")
    func otherParameters() throws {
        let secret = try TestSecrets.rfc4226
        for text in [
            TOTP.code(secret: secret, at: Self.start, algorithm: .sha256).text,
            TOTP.code(secret: secret, at: Self.start, algorithm: .sha512).text,
            TOTP.code(secret: secret, at: Self.start, period: 60).text,
        ] {
            let code = try #require(OneTimeCode(text))
            #expect(verifier.matchingSteps(for: code, secret: secret, at: Self.start).isEmpty)
        }
        #expect(OneTimeCode(TOTP.code(secret: secret, at: Self.start, digits: .eight).text) == nil)
    }

    @Test("A verifier for other parameters takes their codes")
    func configured() throws {
        let secret = try TestSecrets.digits(32)
        let text = TOTP.code(secret: secret, at: Self.start, period: 60, algorithm: .sha256).text
        let steps = TOTPVerifier(algorithm: .sha256, period: 60)
            .matchingSteps(for: try #require(OneTimeCode(text)), secret: secret, at: Self.start)
        #expect(steps == [TimeStep(containing: Self.start, period: 60)])
    }
}
