import Crypto
import Secrets
import Testing

@Suite("Bearer values")
struct BearerTokenTests {
    @Test("Each kind has its own prefix, none the beginning of another")
    func prefixes() {
        let prefixes = BearerKind.allCases.map(\.prefix)
        #expect(Set(prefixes).count == prefixes.count)
        #expect(
            prefixes == [
                "csat_", "csps_", "csag_", "csas_", "csap_", "cstk_", "csno_", "cskb_", "csfr_", "csin_", "cspr_",
            ]
        )
    }

    @Test("A token is its prefix and 256 bits in base64url, and is read back", arguments: BearerKind.allCases)
    func roundTrip(kind: BearerKind) throws {
        let token = BearerToken(kind: kind, random: SystemRandomSource())
        #expect(token.text.hasPrefix(kind.prefix))
        #expect(token.text.utf8.count == 48)
        #expect(try #require(BearerToken(kind: kind, text: token.text)) == token)
    }

    @Test("A token of one kind is none of another", arguments: BearerKind.allCases, BearerKind.allCases)
    func kinds(made: BearerKind, expected: BearerKind) {
        let token = BearerToken(kind: made, random: SystemRandomSource())
        #expect((BearerToken(kind: expected, text: token.text) != nil) == (made == expected))
    }

    static let good = BearerToken(kind: .attempt, random: FixedRandomSource()).text

    static let misspelled: [String] = [
        "", "csat_", good + "A", good + "=", " " + good, good + "\n", good.uppercased(),
        String(good.dropFirst()), "CSAT_" + good.dropFirst(5), "csat-" + good.dropFirst(5),
        String(repeating: "csat_", count: 100_000),
    ]

    static let badEndings: [String] = ["", "=", "+", "/", "é", " ", "\u{0}"]

    @Test("There is one spelling only", arguments: misspelled + badEndings.map { good.dropLast() + $0 })
    func refused(text: String) {
        #expect(BearerToken(kind: .attempt, text: text) == nil)
    }

    @Test("A last character with stray bits would be a second spelling, and is refused")
    func lastCharacter() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let accepted = alphabet.filter { BearerToken(kind: .attempt, text: Self.good.dropLast() + String($0)) != nil }
        // Four bits are used of the last six.
        #expect(accepted == "AEIMQUYcgkosw048")
    }

    @Test("The digest is the SHA-256 of the whole text")
    func digest() throws {
        let token = BearerToken(kind: .invitation, random: SystemRandomSource())
        #expect(token.digest.bytes == Array(SHA256.hash(data: Array(token.text.utf8))))
        #expect(TokenDigest(bytes: token.digest.bytes) == token.digest)
        #expect(TokenDigest(bytes: Array(repeating: 0, count: 31)) == nil)
        #expect(TokenDigest(bytes: Array(repeating: 0, count: 33)) == nil)
    }

    static let base64Vectors = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("Base64 keeps the vectors of RFC 4648 section 10 without padding", arguments: base64Vectors)
    func base64(plain: String, encoded: String) {
        #expect(Base64.url.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.standard.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test("The two alphabets of Base64 are not mixed up")
    func alphabets() {
        #expect(Base64.url.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64.standard.encode([0xFB, 0xFF]) == "+/8")
        #expect(Base64.url.decode("+/8".utf8) == nil)
        #expect(Base64.standard.decode("-_8".utf8) == nil)
        #expect(Base64.url.decode("A".utf8) == nil)
    }
}
