/// Base64 without padding, in the two alphabets that are used here; each byte sequence has exactly one spelling.
package struct Base64: Sendable {
    /// For bearer values: nothing in it needs escaping in an address, a cookie or a header (RFC 4648 section 5).
    package static let url = Base64(last: ("-", "_"))

    /// For password hashes in the PHC format, and for key files (RFC 4648 section 4).
    package static let standard = Base64(last: ("+", "/"))

    private let alphabet: [UInt8]
    /// The value of each character, 0xFF for those outside of the alphabet.
    private let values: [UInt8]

    private init(last: (String, String)) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let alphabet = Array((letters + last.0 + last.1).utf8)
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(truncatingIfNeeded: value)
        }
        self.alphabet = alphabet
        self.values = values
    }

    package func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count * 8 + 5) / 6)
        var pending: UInt32 = 0
        var pendingBits: UInt32 = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            pendingBits += 8
            while pendingBits >= 6 {
                pendingBits -= 6
                characters.append(alphabet[Int(pending >> pendingBits)])
                pending &= (1 << pendingBits) - 1
            }
        }
        if pendingBits > 0 {
            characters.append(alphabet[Int(pending << (6 - pendingBits))])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The bytes that `encode` would write in exactly this way, or nil. So a last character with stray bits, padding,
    /// blanks and the other alphabet are all refused: there is no second spelling of a value.
    package func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var pendingBits: UInt32 = 0
        for character in text {
            let value = values[Int(character)]
            guard value != 0xFF else { return nil }
            pending = pending << 6 | UInt32(value)
            pendingBits += 6
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> pendingBits))
                pending &= (1 << pendingBits) - 1
            }
        }
        guard pendingBits < 6, pending == 0 else { return nil }
        return bytes
    }
}
