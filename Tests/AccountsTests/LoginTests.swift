import Accounts
import Testing

@Suite("Logins")
struct LoginTests {
    static let keys: [(typed: String, key: String)] = [
        ("ana", "ana"), ("  Ana@Example.ORG \n", "ana@example.org"), ("ANA", "ana"), ("\u{212A}ay", "kay"),
        ("\u{3000}ana\u{A0}", "ana"),
        ("José", "josé"), ("ÅSA", "åsa"), ("ИВАН", "иван"), ("王小明", "王小明"), ("İpek", "i\u{307}pek"),
        ("straße", "straße"), ("GROẞ", "groß"),
        ("a+b_c-d.e", "a+b_c-d.e"),
    ]

    @Test("E15: case and surrounding blanks do not make another login, and the key of a key is itself", arguments: keys)
    func key(typed: String, key: String) throws {
        let login = try #require(Login(typed))
        #expect(login.key == key)
        #expect(Login(login.key)?.key == key)
    }

    static let refusedCases: [String] = [
        "", "   ", "a b", "a\tb", "a\u{0}b", "a\u{7F}", "a\u{200B}b", "a\u{200D}b", "\u{FEFF}ana", "a\u{202E}b",
        // Full width, ligature, superscript, small capital I without its dot's kin, long s.
        "ａｎａ", "ﬁn", "ᴮᴵᴳ", "x²", "ſam", "a\u{AD}b", "\u{3164}", "a\u{FE0F}", "№1",
        String(repeating: "a", count: 255), "a\u{2028}b", "😀",
    ]

    @Test("E15: blanks, controls and characters that imitate others are refused", arguments: refusedCases)
    func refused(typed: String) {
        #expect(Login(typed) == nil)
    }

    @Test("254 characters are a login, and a few marks a character are still bounded")
    func length() {
        #expect(Login(String(repeating: "a", count: 254)) != nil)
        #expect(Login(String(repeating: "a" + String(repeating: "\u{301}", count: 9), count: 100)) == nil)
    }

    @Test("E15: over all scalars the key of a key is itself")
    func idempotent() {
        for value in UInt32(0)...0x2_FFFF {
            guard let scalar = Unicode.Scalar(value), let login = Login("x\(scalar)") else { continue }
            #expect(Login(login.key)?.key.unicodeScalars.elementsEqual(login.key.unicodeScalars) == true, "\(value)")
        }
    }
}

@Suite("Names and addresses of people")
struct PersonTextTests {
    static let takenCases: [(String, String)] = [
        (" Ana María ", "Ana María"), ("O'Brien", "O'Brien"), ("王小明", "王小明"), ("نرگس\u{200C}ها", "نرگس\u{200C}ها"),
        ("<b>", "<b>"), ("👩\u{200D}💻", "👩\u{200D}💻"),
    ]

    @Test("Real names are taken as they are, without blanks around", arguments: takenCases)
    func taken(typed: String, text: String) {
        #expect(PersonText(typed)?.text == text)
    }

    static let refusedCases = [
        "", "  ", "a\nb", "a\u{0}b", "a\u{202E}b", "a\u{2066}b", "a\u{2028}b", "a\u{E000}b", "a\u{FEFF}b",
        String(repeating: "a", count: 101),
    ]

    @Test("Controls, marks that turn the reading direction, and what is too long are refused", arguments: refusedCases)
    func refused(typed: String) {
        #expect(PersonText(typed) == nil)
    }

    @Test("What may be empty may be empty, and nothing more")
    func empty() {
        #expect(PersonText(" ", allowsEmpty: true)?.text == "")
        #expect(PersonText("\u{0}", allowsEmpty: true) == nil)
        #expect(PersonText(String(repeating: "a", count: 100)) != nil)
    }

    static let emails: [(String, String?)] = [
        ("", ""), (" ana@example.org ", "ana@example.org"), ("ana", nil), ("@example.org", nil), ("ana@", nil),
        ("a@b@c", nil), ("a b@example.org", nil), ("ana@\nexample.org", nil),
    ]

    @Test("An e-mail address is one that a mail program would take at first sight, or none", arguments: emails)
    func email(typed: String, text: String?) {
        #expect(PersonText.email(typed)?.text == text)
    }
}
