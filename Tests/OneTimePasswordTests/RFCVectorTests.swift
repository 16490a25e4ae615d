import OneTimePassword
import Testing

@Suite("Vectors of the RFCs")
struct RFCVectorTests {
    static let hotpCodes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
    ]

    @Test("RFC 4226 appendix D", arguments: zip(UInt64(0)..<10, hotpCodes))
    func hotp(counter: UInt64, expected: String) throws {
        #expect(try HOTP.code(secret: TestSecrets.rfc4226, counter: counter).text == expected)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let time: Int64
        let step: UInt64
        let sha1: String
        let sha256: String
        let sha512: String
        var testDescription: String { "at \(time)" }
    }

    static let totpRows = [
        Row(time: 59, step: 0x1, sha1: "94287082", sha256: "46119246", sha512: "90693936"),
        Row(time: 1_111_111_109, step: 0x23523EC, sha1: "07081804", sha256: "68084774", sha512: "25091201"),
        Row(time: 1_111_111_111, step: 0x23523ED, sha1: "14050471", sha256: "67062674", sha512: "99943326"),
        Row(time: 1_234_567_890, step: 0x273EF07, sha1: "89005924", sha256: "91819424", sha512: "93441116"),
        Row(time: 2_000_000_000, step: 0x3F940AA, sha1: "69279037", sha256: "90698825", sha512: "38618901"),
        // After 2038, where 32 bits of seconds end.
        Row(time: 20_000_000_000, step: 0x27BC_86AA, sha1: "65353130", sha256: "77737706", sha512: "47863826"),
    ]

    @Test("S-04: RFC 6238 appendix B, three hashes, leading zeros kept", arguments: totpRows)
    func totp(row: Row) throws {
        #expect(TimeStep(containing: row.time).rawValue == row.step)
        for (algorithm, length, expected) in [
            (OTPHashAlgorithm.sha1, 20, row.sha1), (.sha256, 32, row.sha256), (.sha512, 64, row.sha512),
        ] {
            let secret = try TestSecrets.digits(length)
            let code = TOTP.code(secret: secret, at: row.time, digits: .eight, algorithm: algorithm)
            #expect(code.text == expected)
            // Fewer digits are the last ones of more.
            let seven = TOTP.code(secret: secret, at: row.time, digits: .seven, algorithm: algorithm)
            let six = TOTP.code(secret: secret, at: row.time, algorithm: algorithm)
            #expect(seven.text == expected.dropFirst())
            #expect(six.text == expected.dropFirst(2))
        }
    }
}
