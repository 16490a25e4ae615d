import OutsideText

/// A path decoded once, with what that decoding met. Refuses what a second reader might decode otherwise.
struct DecodedPath {
    /// The bytes between the slashes, empty ones left out.
    let parts: [ArraySlice<UInt8>]
    /// The plain form.
    let text: String
    /// Nothing was percent-encoded but blanks and bytes from 0x80 on.
    let isAsSent: Bool
    /// Where slashes followed each other: how many parts stood before. Those at the end count, too.
    let doubleSlashes: [Int]

    /// - Parameter target: the path as it came, with or without its query.
    init(_ target: some StringProtocol) throws(PathProblem) {
        let (bytes, isAsSent) = try Self.decoded(target)
        self.isAsSent = isAsSent
        var parts: [ArraySlice<UInt8>] = []
        var doubleSlashes: [Int] = []
        let pieces = bytes.dropFirst().split(separator: Self.slash, omittingEmptySubsequences: false)
        for (place, piece) in pieces.enumerated() {
            if !piece.isEmpty {
                parts.append(piece)
            } else if place + 1 < pieces.count, doubleSlashes.last != parts.count {
                doubleSlashes.append(parts.count)
            }
        }
        for part in parts where !Self.isDots(part) {
            guard part.last != Self.dot, part.last != UInt8(ascii: " ") else { throw .trailingDot }
        }
        self.parts = parts
        self.doubleSlashes = doubleSlashes
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count)
        for part in parts {
            joined.append(Self.slash)
            joined += part
        }
        if joined.isEmpty || bytes.last == Self.slash { joined.append(Self.slash) }
        // The replacement character stands where a client sent bytes that are no UTF-8.
        guard let text = String(validating: joined, as: UTF8.self), !text.unicodeScalars.contains("\u{fffd}"),
            StreamSafeText.isSafe(text)
        else { throw .brokenEncoding }
        guard text.utf8.count == text.unicodeScalars.count || !text.unicodeScalars.contains(where: Self.isLookalike)
        else { throw .lookalike }
        self.text = text
    }

    static func isDots(_ part: some Collection<UInt8>) -> Bool {
        part.elementsEqual([dot]) || part.elementsEqual([dot, dot])
    }

    /// Whether dot segments stay below the root.
    func checkDots() throws(PathProblem) {
        var depth = 0
        for part in parts {
            if part.elementsEqual([Self.dot]) { continue }
            depth += part.elementsEqual([Self.dot, Self.dot]) ? -1 : 1
            if depth < 0 { throw .aboveRoot }
        }
    }

    /// What matters only where rules are compared: letters that come to be delimiters or dots when text is normalised
    /// (Unicode's NFC and NFKC), and blanks around a name, which some systems drop.
    func checkForRules() throws(PathProblem) {
        for part in parts where !part.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: " ") }) {
            let scalars = String(decoding: part, as: UTF8.self).unicodeScalars
            guard !scalars.contains(where: Self.isDelimiterInDisguise), !scalars.allSatisfy(Self.isDotInDisguise) else {
                throw .lookalike
            }
            guard scalars.first?.properties.isWhitespace != true, scalars.last?.properties.isWhitespace != true else {
                throw .trailingDot
            }
        }
    }

    private static func isDelimiterInDisguise(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x037e, 0x2047...0x2049, 0x2100, 0x2101, 0x2105, 0x2106, 0xfe14, 0xfe16, 0xfe54, 0xfe56, 0xfe5f, 0xfe6a,
            0xff03, 0xff1f:
            true
        default: isLookalike(scalar)
        }
    }

    private static func isDotInDisguise(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2e, 0x2024...0x2026, 0xfe19, 0xfe30, 0xfe52, 0xff0e: true
        default: false
        }
    }

    // MARK: Bytes

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private static func decoded(_ target: some StringProtocol) throws(PathProblem) -> ([UInt8], isAsSent: Bool) {
        var bytes = Array(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        guard bytes.count <= RequestPath.maximumBytes else { throw .tooLong }
        guard bytes.first == slash else { throw .notAbsolute }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isAsSent = true
        var index = 0
        bytes.append(contentsOf: [0, 0])
        while index < bytes.count - 2 {
            var byte = bytes[index]
            switch byte {
            case 0..<0x20, 0x7f: throw .controlCharacter
            case UInt8(ascii: "\\"): throw .backslash
            case UInt8(ascii: ";"): throw .parameter
            case UInt8(ascii: "#"): throw .encodedDelimiter
            case UInt8(ascii: "%"):
                guard let high = hex(bytes[index + 1]), let low = hex(bytes[index + 2]) else { throw .brokenEncoding }
                byte = high << 4 | low
                index += 2
                switch byte {
                case 0..<0x20, 0x7f: throw .controlCharacter
                case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"),
                    UInt8(ascii: ";"):
                    throw .encodedDelimiter
                case UInt8(ascii: " "), 0x80...: break
                default: isAsSent = false
                }
            default: break
            }
            result.append(byte)
            index += 1
        }
        return (result, isAsSent)
    }

    private static func isLookalike(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2024, 0x2044, 0x2215, 0x2216, 0x29f5, 0x29f8, 0x29f9, 0xfe52, 0xfe68, 0xff0e, 0xff0f, 0xff1b, 0xff3c,
            0xff05, 0x3002, 0xff61:
            true
        default:
            [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
