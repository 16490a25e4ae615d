/// A code on paper that stands in for a lost authenticator, once: 80 random bits.
///
/// It is written in Crockford's Base32, which has no `i`, `l`, `o` and `u`, and is read with all that people do to it
/// on the way.
package struct RecoveryCode: Sendable {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".unicodeScalars)
    private static let characterCount = 16
    private static let groupCount = 4

    /// The sixteen characters without the dashes.
    private let characters: String

    package init(random source: some RandomSource) {
        let bytes = source.bytes(10)
        precondition(bytes.count == 10, "A random source gives as many bytes as it is asked for.")
        var scalars = String.UnicodeScalarView()
        // Twice five bytes: forty bits, eight characters.
        for half in [bytes[0..<5], bytes[5..<10]] {
            let bits = half.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            for shift in stride(from: UInt64(35), through: 0, by: -5) {
                scalars.append(Self.alphabet[Int(bits >> shift & 0x1F)])
            }
        }
        characters = String(scalars)
    }

    /// Reads a code in any case, with blanks and dashes anywhere, and with the letters that look like 0 and 1.
    ///
    /// Nothing that is a `TOTP token` can be a recovery code too: it has too few characters.
    package init?(parsing text: String) {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !Self.isSeparator(scalar) {
            guard scalars.count < Self.characterCount, let character = Self.canonical(scalar) else { return nil }
            scalars.append(character)
        }
        guard scalars.count == Self.characterCount else { return nil }
        characters = String(scalars)
    }

    /// The code as people get it, in groups of four: `0123-4567-89ab-cdef`.
    package var text: String {
        var text = ""
        for (index, character) in characters.enumerated() {
            if index > 0, index.isMultiple(of: Self.groupCount) {
                text.append("-")
            }
            text.append(character)
        }
        return text
    }

    /// What the database knows this code by, the same for all spellings.
    package var digest: TokenDigest {
        TokenDigest(of: Array(characters.utf8))
    }

    private static func canonical(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let lowerCase =
            ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20) : scalar
        let character: Unicode.Scalar =
            switch lowerCase {
            case "o": "0"
            case "i", "l": "1"
            default: lowerCase
            }
        return alphabet.contains(character) ? character : nil
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\n", "\r", "\u{A0}": true
        // Word processors turn the plain dash into others.
        case "-", "\u{2010}"..."\u{2015}", "\u{2212}": true
        default: false
        }
    }
}

extension RecoveryCode: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "RecoveryCode(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
