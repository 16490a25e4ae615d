import OneTimePassword
import Testing

@Suite("Typed code")
struct OneTimeCodeTests {
    @Test(
        "B06: blanks are left out, so that every such spelling is the same code",
        arguments: [
            "012345", " 012345", "012345 ", "012 345", "0 1 2 3 4 5", "012\t345", "\t012345\t", "012\u{A0}345",
            "\u{A0}012345\u{A0}", "   012   345   ",
        ]
    )
    func accepted(spelling: String) throws {
        #expect(try #require(OneTimeCode(spelling)) == #require(OneTimeCode("012345")))
    }

    @Test(
        "B06, B07: everything else is no code",
        arguments: [
            "", " ", "12345", "0123456", "0012345", "00012345", "+12345", "-12345", "+012345", "012345.", "012345.0",
            "012_345", "012-345", "012,345", "0x1234", "12345e", "1e1000", "abcdef", "O12345", "l23456", "\"012345\"",
            "０１２３４５", "٠١٢٣٤٥", "०१२३४५", "𝟎𝟏𝟐𝟑𝟒𝟓", "①②③④⑤⑥", "01234５", "012345\n", "\n012345", "012\r345",
            "012345\u{0}", "\u{0}012345", "012345\u{301}", "0\u{20E3}12345", "012\u{200B}345", "\u{FEFF}012345",
            "012\u{2009}345", "012\u{3000}345", "012345;012346", "012345 012345", "[012345]", "null", "true",
            String(repeating: "1", count: 100_000), String(repeating: " ", count: 100_000),
        ]
    )
    func refused(spelling: String) {
        #expect(OneTimeCode(spelling) == nil)
    }

    @Test("Codes that differ in one digit are different", arguments: ["112345", "012346", "012344", "013345"])
    func different(other: String) throws {
        #expect(try #require(OneTimeCode(other)) != #require(OneTimeCode("012345")))
    }
}
