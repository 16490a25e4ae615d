/// Status and the few headers that the harness looks at, read from bytes.
struct AnswerHead {
    private(set) var status = 0
    private(set) var contentLength: Int?
    private(set) var cookies: [(name: String, value: String)] = []

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let setCookie = Array("set-cookie:".utf8)
    private static let length = Array("content-length:".utf8)

    /// Where the body begins; nil while the head is not complete.
    static func end(in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in bytes.startIndex...(bytes.endIndex - 4)
        where bytes[index] == carriageReturn && bytes[index + 2] == carriageReturn && bytes[index + 3] == lineFeed {
            return index + 4
        }
        return nil
    }

    init(_ head: ArraySlice<UInt8>) {
        var start = head.startIndex
        var isFirst = true
        while start < head.endIndex, let end = head[start...].firstIndex(of: Self.carriageReturn), end > start {
            read(head[start..<end], isFirst: isFirst)
            isFirst = false
            start = end + 2
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>, isFirst: Bool) {
        if isFirst {
            // HTTP/1.1 303 See Other
            status = Self.number(line.dropFirst(9).prefix(3))
        } else if Self.has(line, Self.length) {
            contentLength = Self.number(line.dropFirst(Self.length.count).drop { $0 == UInt8(ascii: " ") })
        } else if Self.has(line, Self.setCookie) {
            let value = line.dropFirst(Self.setCookie.count).drop { $0 == UInt8(ascii: " ") }
                .prefix { $0 != UInt8(ascii: ";") }
            guard let equals = value.firstIndex(of: UInt8(ascii: "=")) else { return }
            cookies.append(
                (
                    String(decoding: value[..<equals], as: UTF8.self),
                    String(decoding: value[(equals + 1)...], as: UTF8.self)
                )
            )
        }
    }

    /// Whether a line begins with a header's name, which is given in lower case.
    private static func has(_ line: ArraySlice<UInt8>, _ name: [UInt8]) -> Bool {
        guard line.count > name.count else { return false }
        return zip(line, name).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            .reduce(0) { ($0 * 10 + Int($1 & 0x0F)) % 1_000_000_000 }
    }
}
