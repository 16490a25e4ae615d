extension StreamSafeText {
    /// Whether every text in a JSON document (RFC 8259) is safe, be it written out or escaped (`\u0301`).
    ///
    /// Asked before the document is decoded, since a decoder keeps names of members in a table and so hashes them. It
    /// need not know where a text begins: outside of texts there are neither marks nor backslashes.
    ///
    /// - Parameter bytes: the document; one that is not UTF-8, or has a broken escape, is not safe.
    package static func isSafeJSON(_ bytes: some Sequence<UInt8>) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        if text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "\\") }) { return true }
        var scalars = JSONScalars(text.unicodeScalars)
        var marks = MarkRun()
        while let scalar = scalars.next() {
            guard marks.takes(scalar) else { return false }
        }
        return !scalars.isBroken
    }
}

/// The scalars that a JSON document means, with its escapes resolved.
private struct JSONScalars {
    private var scalars: String.UnicodeScalarView.Iterator
    /// The first half of a character that is escaped in two.
    private var high: UInt32?
    private(set) var isBroken = false

    init(_ scalars: String.UnicodeScalarView) {
        self.scalars = scalars.makeIterator()
    }

    mutating func next() -> Unicode.Scalar? {
        while !isBroken, let scalar = scalars.next() {
            guard scalar == "\\" else {
                high = nil
                return scalar
            }
            guard let escaped = scalars.next() else {
                isBroken = true
                break
            }
            guard escaped == "u" else {
                high = nil
                // A quote, a slash, a line end: whatever it is, no mark.
                return " "
            }
            guard let unit = hexUnit() else { break }
            switch unit {
            case 0xd800..<0xdc00: high = unit
            case 0xdc00..<0xe000:
                let first = high ?? 0xd800
                high = nil
                return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (unit - 0xdc00))
            default:
                high = nil
                return Unicode.Scalar(unit)
            }
        }
        return nil
    }

    /// The four digits of an escape.
    private mutating func hexUnit() -> UInt32? {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = scalars.next(), scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                isBroken = true
                return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
