/// The name of a row: 128 bits, written as a UUID in lower case.
///
/// An identifier is never a secret. It may stand in an address and in a log, and knowing one opens nothing.
package struct Identifier: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// A new identifier with the version and variant bits of a random UUID (RFC 9562 section 5.4).
    package init(random source: some RandomSource) {
        let bytes = source.bytes(16)
        precondition(bytes.count == 16, "A random source gives as many bytes as it is asked for.")
        high = Self.word(bytes[0..<8]) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = Self.word(bytes[8..<16]) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// A new identifier that begins with its time (RFC 9562 section 5.7): rows made one after the other stand side by
    /// side in an index, where random ones would each touch a page of their own.
    package init(random source: some RandomSource, at time: UnixTime) {
        let random = Identifier(random: source)
        let milliseconds = UInt64(clamping: time.seconds) &* 1_000
        high = milliseconds << 16 | 0x7000 | random.high & 0x0FFF
        low = random.low
    }

    /// Reads the one spelling that `description` writes: 36 characters, lower case.
    package init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, character) in characters.enumerated() {
            if Self.hyphenPlaces.contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexValue(of: character) else { return nil }
            if index < 19 {
                high = high << 4 | digit
            } else {
                low = low << 4 | digit
            }
        }
        self.high = high
        self.low = low
    }

    private static let hyphenPlaces = [8, 13, 18, 23]

    private static func hexValue(of character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(character - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String {
        let hexDigits = Array("0123456789abcdef".utf8)
        var characters: [UInt8] = []
        characters.reserveCapacity(36)
        for word in [high, low] {
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                if Self.hyphenPlaces.contains(characters.count) {
                    characters.append(UInt8(ascii: "-"))
                }
                characters.append(hexDigits[Int(word >> shift & 0x0F)])
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

/// An identifier of one kind of thing, so that a user's cannot be passed where a session's is meant.
///
/// `Tag` is usually the type of the thing itself: `ID<User>`.
package struct ID<Tag>: Hashable, Sendable {
    package let identifier: Identifier

    package init(_ identifier: Identifier) {
        self.identifier = identifier
    }

    package init(random source: some RandomSource) {
        identifier = Identifier(random: source)
    }

    package init(random source: some RandomSource, at time: UnixTime) {
        identifier = Identifier(random: source, at: time)
    }

    package init?(_ text: String) {
        guard let identifier = Identifier(text) else { return nil }
        self.identifier = identifier
    }
}

extension ID: CustomStringConvertible {
    package var description: String { identifier.description }
}
