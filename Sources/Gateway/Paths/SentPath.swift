/// A path as a client sent it, with every way in which an application might read it. What could be read in ways that
/// nobody can foresee is refused, not guessed.
package struct SentPath: Sendable {
    /// As most applications read it.
    package let plain: RequestPath
    /// Whether it was sent in its plain form, but for percent-encoding of blanks and of bytes from 0x80 on. Only such a
    /// path is opened by a rule.
    let isPlain: Bool
    /// The folded parts of the path in each way to read it: as in `plain`, and, where slashes follow each other, without
    /// the part behind them, as if that were a host (`//host/path`).
    let readings: [[String]]

    /// So many double slashes are looked at: each may be read in two ways, whatever the others are.
    private static let maximumDoubleSlashes = 4

    /// For an application with rules for paths.
    ///
    /// - Parameter target: the path as it came, with or without its query.
    package static func reading(_ target: some StringProtocol) -> Result<SentPath, PathProblem> {
        do throws(PathProblem) {
            if isPlain(target.utf8) {
                // By bytes: a mark behind a question mark makes one character of both.
                let path = Substring(target).utf8.prefix { $0 != question }
                guard path.count <= RequestPath.maximumBytes else { throw PathProblem.tooLong }
                let plain = RequestPath(text: String(Substring(path)))
                return .success(SentPath(plain: plain, isPlain: true, readings: [plain.foldedParts]))
            }
            return .success(try SentPath(DecodedPath(target)))
        } catch {
            return .failure(error)
        }
    }

    /// For an application whose answer does not depend on the path: what is wrong with it, if anything is.
    package static func problem(in target: some StringProtocol) -> PathProblem? {
        if isPlain(target.utf8) { return nil }
        do {
            try DecodedPath(target).checkDots()
            return nil
        } catch {
            return error
        }
    }

    private init(plain: RequestPath, isPlain: Bool, readings: [[String]]) {
        self.plain = plain
        self.isPlain = isPlain
        self.readings = readings
    }

    private init(_ decoded: DecodedPath) throws(PathProblem) {
        guard !decoded.parts.contains(where: DecodedPath.isDots) else { throw .dotSegment }
        try decoded.checkForRules()
        guard decoded.doubleSlashes.count <= Self.maximumDoubleSlashes else { throw .doubleSlashes }
        plain = RequestPath(text: decoded.text)
        isPlain = decoded.isAsSent && decoded.doubleSlashes.isEmpty
        let parts = plain.foldedParts
        // From the last one on, so that the places before it keep their numbers.
        readings = decoded.doubleSlashes.reversed().reduce(into: [parts]) { readings, place in
            readings += readings.map { Array($0[..<place] + $0.dropFirst(place + 1)) }
        }
    }

    // MARK: The quick look

    /// Whether a path is its own plain form: most are, and then nothing has to be made.
    package static func isPlain(_ path: some Sequence<UInt8>) -> Bool {
        var previous: UInt8 = 0
        var count = 0
        for byte in path {
            if byte == question { break }
            count += 1
            if count == 1 {
                guard byte == slash else { return false }
            } else if byte == slash {
                if previous == slash || previous == dot { return false }
            } else if byte == dot {
                if previous == slash { return false }
            } else if !plainBytes[Int(byte)] {
                return false
            }
            previous = byte
        }
        return count > 0 && previous != dot
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    private static let question = UInt8(ascii: "?")
    private static let plainBytes: [Bool] = (0..<256).map { value in
        let byte = UInt8(value)
        return (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
            || Array("-_~!$&'()*+,=:@".utf8).contains(byte)
    }
}
