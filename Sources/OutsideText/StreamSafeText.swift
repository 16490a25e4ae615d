/// What is asked of a text from outside before anything looks at its characters: that it is in Unicode's Stream-Safe
/// Text Format (UAX #15, section 13).
///
/// Normalising, comparing and hashing a text sort the marks that follow one letter, and the time for that grows with
/// the square of their number: a megabyte of marks takes minutes. No language puts thirty marks on a letter, and with at
/// most thirty everything that is done to a text takes a time that grows with its length alone.
package enum StreamSafeText {
    /// So many marks may follow each other.
    package static let maximumMarks = 30

    /// Looks at bytes alone while they are ASCII, which most texts are to their end.
    package static func isSafe(_ text: some StringProtocol) -> Bool {
        isASCII(text.utf8) || isSafe(text.unicodeScalars)
    }

    static func isSafe(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
        var marks = MarkRun()
        return scalars.allSatisfy { marks.takes($0) }
    }

    private static func isASCII(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.withContiguousStorageIfAvailable { $0.allSatisfy { $0 < 0x80 } } ?? bytes.allSatisfy { $0 < 0x80 }
    }
}

/// How many marks have followed each other so far.
struct MarkRun {
    private var length = 0

    /// False for the mark that is one too many.
    mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        // Below are letters and signs only, and the look into Unicode's tables costs more than the rest.
        guard scalar.value >= 0x300, scalar.properties.canonicalCombiningClass != .notReordered else {
            length = 0
            return true
        }
        length += 1
        return length <= StreamSafeText.maximumMarks
    }
}
