import Accounts
import Testing

@Suite("New passwords")
struct PasswordPolicyTests {
    static let commonCases = [
        "290719845623", "12345678!!!!",
        "passwordpassword", "Password1234!", "P@ssw0rd!2024", "1234567890123", "0987654321098", "qwertyuiop12",
        "Summer2024!!!!",
        "Winter2023Winter", "administrator1", "letmeinletmein", "iloveyou1234", "trustno1trustno1", "Welcome12345",
        "monkey123456", "correcthorsebatterystaple", "correct horse battery staple", "abcdefghijklmnop",
        "asdfghjklasdfgh",
        "Passw0rdPassw0rd", "ChangeMe12345!", "!!!Dragon2020!!!", "1qaz2wsx3edc", "football-baseball",
        "countersign2026",
        "liverpool1892", "SuperSecret123", "Admin@123456",
    ]

    @Test("Common passwords are refused in all their dresses", arguments: commonCases)
    func common(password: String) {
        #expect(PasswordPolicy.standard.refusal(of: password, login: "zoe@example.org") == .common)
    }

    static let honestCases = [
        "a table of three legs", "wander under the copper bridge", "lost umbrella in tram 17", "vK7#qpZ2m!xR",
        "mein alter Kahn leckt", "las nubes huelen a lluvia", "пароль который помню", "我的密码又长又安全还很好记",
        "grüner Fisch auf Rädern",
        "sunshine over crooked chimneys", "tuesday we bake rye bread", "my cat hates violins", "j4mf-9rtw-q2xz-77hd",
        "orchard lantern plywood", "two crows, one thermos", "Ein Fahrrad im Regen!",
        "correct horse battery lighthouse",
        "4wordsAndAComma,see", "the master of small boats", "      leading blanks kept",
    ]

    @Test("Honest pass phrases and random passwords are taken", arguments: honestCases)
    func honest(password: String) {
        #expect(PasswordPolicy.standard.refusal(of: password, login: "zoe@example.org") == nil)
    }

    @Test("A password manager's passwords are taken, all but two in a thousand")
    func random() {
        var generator = SplitMix(state: 7)
        for length in [12, 16, 20] {
            let refused = (0..<2_000).filter { _ in
                let scalars = (0..<length).map { _ in
                    Unicode.Scalar(UInt8(33 + Int(generator.next() % 94)))
                }
                let text = String(String.UnicodeScalarView(scalars))
                return PasswordPolicy.standard.refusal(of: text, login: "zoe") != nil
            }
            #expect(refused.count <= 4, "\(length)")
        }
    }

    static let limitsCases: [(String, String, PasswordRefusal?)] = [
        ("", "zoe", .tooShort(minimum: 12)), ("vK7#qpZ2m!x", "zoe", .tooShort(minimum: 12)),
        ("vK7#qpZ2m!xR", "zoe", nil),
        (String(repeating: "vK7#qpZ2", count: 128), "zoe", nil),
        (String(repeating: "vK7#qpZ2", count: 128) + "a", "zoe", .tooLong),
        (String(repeating: "é", count: 513), "zoe", .tooLong),
        ("aaaaaaaaaaaa", "zoe", .repetition), ("abababababab", "zoe", .repetition),
        ("AbAbAbAbAbAbcc", "zoe", .repetition),
        ("xx-Marianne-77-qp", "marianne@example.org", .containsLogin),
        ("xx-MARIANNE-77-qp", "Marianne", .containsLogin),
        ("we like zoetropes a lot", "zoe@example.org", nil), ("xx-example.org-77", "zoe@example.org", nil),
    ]

    @Test("Length counts, 12 characters to 1,024 bytes; the own login and few letters do not", arguments: limitsCases)
    func limits(password: String, login: String, expected: PasswordRefusal?) {
        #expect(PasswordPolicy.standard.refusal(of: password, login: login) == expected)
    }

    @Test("E13: a password of a megabyte is refused before anything else looks at it")
    func huge() {
        let password = String(repeating: "password", count: 131_072)
        #expect(PasswordPolicy.standard.refusal(of: password, login: "zoe") == .tooLong)
    }
}

/// Splitmix64.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
