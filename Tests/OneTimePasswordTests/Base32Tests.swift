import OneTimePassword
import Testing

@Suite("Base32")
struct Base32Tests {
    static let vectors: [(String, String)] = [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ]

    @Test("The vectors of RFC 4648 section 10 hold without padding, both ways", arguments: vectors)
    func vector(plain: String, encoded: String) throws {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
        #expect(try Base32.decode(encoded) == Array(plain.utf8))
    }

    @Test("Any bytes come back, whatever their number", arguments: 0...70)
    func roundTrip(count: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        #expect(try Base32.decode(Base32.encode(bytes)) == bytes)
    }

    @Test(
        "Anything outside of the alphabet is refused, lower case, padding and blanks included",
        arguments: ["my", "MY======", "M Y", "MY ", "M1", "M8", "M0", "MÝ", "МУ", "M\u{0}"]
    )
    func alphabet(text: String) {
        #expect(throws: Base32.DecodingError.characterNotInAlphabet) { try Base32.decode(text) }
    }

    @Test("A length that no bytes have is refused", arguments: ["M", "MZX", "MZXW6Y"])
    func length(text: String) {
        #expect(throws: Base32.DecodingError.impossibleLength) { try Base32.decode(text) }
    }

    @Test("A second spelling of the same bytes is refused", arguments: ["MZ", "MZXR", "MZXW7", "MZXW6YR"])
    func strayBits(text: String) {
        #expect(throws: Base32.DecodingError.strayBits) { try Base32.decode(text) }
    }
}
