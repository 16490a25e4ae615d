import OneTimePassword
import Testing

@Suite("Shared secret")
struct OTPSharedSecretTests {
    @Test("RFC 4226 R6: fewer than 128 bits are refused, an empty secret above all", arguments: [0, 1, 10, 15])
    func tooShort(count: Int) {
        #expect(throws: OTPSharedSecret.ValidationError.tooShort) {
            try OTPSharedSecret(bytes: [UInt8](repeating: 7, count: count))
        }
    }

    @Test("128 bits and more are taken as they are", arguments: [16, 20, 32, 64, 65])
    func longEnough(count: Int) throws {
        let bytes = (0..<count).map { UInt8($0) }
        #expect(try OTPSharedSecret(bytes: bytes).bytes == bytes)
    }

    @Test("The text form is upper case Base32 without padding, and groups of four by plain spaces for people")
    func textForms() throws {
        let secret = try TestSecrets.rfc4226
        #expect(secret.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(secret.grouped == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        #expect(try OTPSharedSecret(base32: secret.base32) == secret)
        #expect(try OTPSharedSecret(bytes: Array(repeating: 0, count: 17)).grouped.hasSuffix("AAAA"))
    }

    @Test("A text is refused for its spelling or for its length")
    func badText() {
        #expect(throws: OTPSharedSecret.ValidationError.notBase32(.characterNotInAlphabet)) {
            try OTPSharedSecret(base32: "gezdgnbvgy3tqojqgezdgnbvgy3tqojq")
        }
        #expect(throws: OTPSharedSecret.ValidationError.tooShort) { try OTPSharedSecret(base32: "GEZDGNBV") }
    }

    @Test("No way of printing shows a secret, a code, a password or a key URI")
    func redaction() throws {
        let secret = try TestSecrets.rfc4226
        let values: [Any] = [
            secret,
            try #require(OneTimeCode("755224")),
            HOTP.code(secret: secret, counter: 0),
            OTPKeyURI(issuer: "I", accountName: "A", secret: secret),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), String(describing: value), dumped, "\([value])"] {
                #expect(!text.contains("GEZD") && !text.contains("755224") && !text.contains("49, 50"))
                #expect(text.contains("redacted"))
            }
        }
    }
}
