/// Why a path is not looked at further: a proxy, the portal and the application might each read another page in it.
package enum PathProblem: String, Sendable, CaseIterable {
    case notAbsolute = "not_absolute"
    case tooLong = "too_long"
    case controlCharacter = "control_character"
    case brokenEncoding = "broken_encoding"
    /// An encoded slash, backslash, question mark, number sign or percent sign, or a semicolon in any spelling.
    case encodedDelimiter = "encoded_delimiter"
    case backslash
    case parameter
    case aboveRoot = "above_root"
    case trailingDot = "trailing_dot"
    /// A letter that some systems turn into a slash, a backslash or a dot.
    case lookalike

    package var sentence: String {
        switch self {
        case .notAbsolute: "The path does not begin with a slash."
        case .tooLong: "The path is too long."
        case .controlCharacter: "The path holds a control character."
        case .brokenEncoding: "The path holds a broken percent sign or text that is no UTF-8."
        case .encodedDelimiter: "The path holds an encoded slash, backslash, percent, question or number sign."
        case .backslash: "The path holds a backslash."
        case .parameter: "The path holds a semicolon."
        case .aboveRoot: "The path leads above its own root."
        case .trailingDot: "A part of the path ends with a dot or a blank."
        case .lookalike: "The path holds a letter that some systems take for a slash or a dot."
        }
    }
}

/// A path in the one form in which rules are compared with it (threats G06): percent-decoded once, dot segments
/// resolved, several slashes made one. What could be read in two ways is refused, not guessed.
package struct RequestPath: Sendable, Hashable {
    static let maximumBytes = 4_096

    /// Case kept, a slash at the end kept.
    package let text: String
    /// Lower case, without the slash at the end.
    package let folded: String

    private init(text: String) {
        self.text = text
        var folded = text.utf8.allSatisfy { $0 < 0x80 } ? text.lowercased() : text.uppercased().lowercased()
        while folded.utf8.count > 1, folded.hasSuffix("/") { folded.removeLast() }
        self.folded = folded
    }

    /// A path that was read and stored before.
    package init?(stored text: String) {
        guard text.hasPrefix("/") else { return nil }
        self.init(text: text)
    }

    /// - Parameter target: the path as it came, with or without its query.
    package static func reading(_ target: some StringProtocol) -> Result<RequestPath, PathProblem> {
        do {
            return .success(RequestPath(text: try resolved(try decoded(target))))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a path is its own plain form: most are, and then nothing has to be made.
    package static func isPlain(_ path: some Sequence<UInt8>) -> Bool {
        var previous: UInt8 = 0
        var isFirst = true
        for byte in path {
            if isFirst {
                guard byte == slash else { return false }
                isFirst = false
            } else if byte == question {
                break
            } else if byte == slash {
                if previous == slash || previous == dot { return false }
            } else if byte == dot {
                if previous == slash { return false }
            } else if !plainBytes[Int(byte)] {
                return false
            }
            previous = byte
        }
        return !isFirst && previous != dot
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    private static let question = UInt8(ascii: "?")
    private static let plainBytes: [Bool] = (0..<256).map { value in
        let byte = UInt8(value)
        return (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
            || Array("-_~!$&'()*+,=:@".utf8).contains(byte)
    }

    // MARK: Steps

    private static func decoded(_ target: some StringProtocol) throws(PathProblem) -> [UInt8] {
        var bytes = Array(target.utf8.prefix { $0 != question })
        guard bytes.count <= maximumBytes else { throw .tooLong }
        guard bytes.first == slash else { throw .notAbsolute }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
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
                default: break
                }
            default: break
            }
            result.append(byte)
            index += 1
        }
        return result
    }

    private static func resolved(_ bytes: [UInt8]) throws(PathProblem) -> String {
        var parts: [ArraySlice<UInt8>] = []
        let segments = bytes.split(separator: slash, omittingEmptySubsequences: true)
        for segment in segments {
            if segment.elementsEqual([dot]) { continue }
            if segment.elementsEqual([dot, dot]) {
                guard parts.popLast() != nil else { throw .aboveRoot }
                continue
            }
            guard segment.last != dot, segment.last != UInt8(ascii: " ") else { throw .trailingDot }
            parts.append(segment)
        }
        // `/a/.` and `/a/..` mean folders, as `/a/` does.
        let endsInFolder = bytes.last == slash || segments.last.map { $0.allSatisfy { $0 == dot } } == true
        var joined: [UInt8] = []
        for part in parts { joined += [slash] + part }
        if joined.isEmpty || endsInFolder { joined.append(slash) }
        guard let text = String(validating: joined, as: UTF8.self) else { throw .brokenEncoding }
        guard text.utf8.count == text.unicodeScalars.count || !text.unicodeScalars.contains(where: isLookalike) else {
            throw .lookalike
        }
        return text
    }

    private static func isLookalike(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2024, 0x2044, 0x2215, 0x2216, 0x29f5, 0x29f8, 0x29f9, 0xfe52, 0xfe68, 0xff0e, 0xff0f, 0xff1b, 0xff3c,
            0xff05, 0x3002, 0xff61:
            true
        default: scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
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

extension PathProblem: Error {}
