/// Base32 as RFC 4648 section 6 defines it, upper case and without padding.
///
/// This is the form that authenticator apps expect in a key URI. Decoding is strict: every byte sequence has exactly
/// one spelling, so two texts that differ are never the same secret.
public enum Base32 {
    /// The reason for which a text is not Base32 in its one accepted spelling.
    public enum DecodingError: Error, Equatable, Sendable {
        /// A character outside `A`-`Z` and `2`-`7`, which includes lower case, blanks and padding.
        case characterNotInAlphabet
        /// A number of characters that no number of whole bytes has.
        case impossibleLength
        /// Bits behind the last whole byte that are not zero.
        case strayBits
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// The Base32 text of some bytes, upper case and without padding.
    ///
    /// - Parameter bytes: The bytes to write.
    /// - Returns: Five bits to a character, the last one filled up with zero bits.
    public static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count * 8 + 4) / 5)
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            pendingBits += 8
            while pendingBits >= 5 {
                pendingBits -= 5
                characters.append(alphabet[Int(pending >> UInt32(pendingBits) & 0x1F)])
            }
            // Keeps the accumulator below 5 bits, so that it never overflows.
            pending &= (1 << UInt32(pendingBits)) - 1
        }
        if pendingBits > 0 {
            characters.append(alphabet[Int(pending << UInt32(5 - pendingBits) & 0x1F)])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The bytes that a Base32 text spells.
    ///
    /// - Parameter text: Upper case letters and the digits 2 to 7, nothing else.
    /// - Returns: The bytes; none for the empty text.
    /// - Throws: `DecodingError` when ``encode(_:)`` would never have written this text.
    public static func decode(_ text: String) throws(DecodingError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 5 / 8)
        var pending: UInt32 = 0
        var pendingBits = 0
        for character in text.utf8 {
            pending = pending << 5 | UInt32(try value(of: character))
            pendingBits += 5
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(pendingBits)))
                pending &= (1 << UInt32(pendingBits)) - 1
            }
        }
        // A whole character left over carries no bit that the bytes need.
        guard pendingBits < 5 else { throw .impossibleLength }
        guard pending == 0 else { throw .strayBits }
        return bytes
    }

    private static func value(of character: UInt8) throws(DecodingError) -> UInt8 {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): character - UInt8(ascii: "2") + 26
        default: throw .characterNotInAlphabet
        }
    }
}
