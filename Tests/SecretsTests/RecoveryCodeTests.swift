import Crypto
import Secrets
import Testing

@Suite("Recovery codes")
struct RecoveryCodeTests {
    @Test("A code is eighty bits as sixteen characters in groups of four, without letters that look like digits")
    func form() {
        #expect(RecoveryCode(random: FixedRandomSource()).text == "000g-40r4-0m30-e209")
        for _ in 0..<100 {
            let text = RecoveryCode(random: SystemRandomSource()).text
            #expect(text.count == 19)
            #expect(text.split(separator: "-").map(\.count) == [4, 4, 4, 4])
            #expect(text.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz-".contains($0) })
        }
    }

    @Test("A thousand codes are all different, and each is read back")
    func unique() {
        let codes = (0..<1000).map { _ in RecoveryCode(random: SystemRandomSource()) }
        #expect(Set(codes.map(\.digest)).count == codes.count)
        #expect(codes.allSatisfy { RecoveryCode(parsing: $0.text)?.text == $0.text })
    }

    @Test(
        "Case, blanks, dashes and look-alike letters do not matter",
        arguments: [
            "01ab-cdef-0110-xyz9", "01abcdef0110xyz9", "01AB-CDEF-0110-XYZ9", "  01ab cdef 0110 xyz9\n",
            "oiab-cdef-oLIo-xyz9", "OIAB CDEF OlI0 XYZ9", "01ab–cdef—0110−xyz9", "0-1-a-b-c-d-e-f-0-1-1-0-x-y-z-9",
            "01ab\u{A0}cdef\t0110\r\nxyz9",
        ]
    )
    func tolerant(spelling: String) throws {
        let code = try #require(RecoveryCode(parsing: spelling))
        #expect(code.text == "01ab-cdef-0110-xyz9")
        #expect(code.digest.bytes == Array(SHA256.hash(data: Array("01abcdef0110xyz9".utf8))))
    }

    @Test(
        "Everything else is no recovery code, least of all a TOTP token",
        arguments: [
            "", "123456", "123 456", "000000", "12345678", "01ab-cdef-0110-xyz", "01ab-cdef-0110-xyz99",
            "01ab-cdef-0110-xyzu", "01ab-cdef-0110-xyz!", "01ab_cdef_0110_xyz9", "０1ab-cdef-0110-xyz9",
            "01ab-cdef-0110-xyz9\u{301}",
            "01ab-cdef-0110-xyz\u{0}", String(repeating: "0", count: 100_000),
        ]
    )
    func refused(text: String) {
        #expect(RecoveryCode(parsing: text) == nil)
    }
}
