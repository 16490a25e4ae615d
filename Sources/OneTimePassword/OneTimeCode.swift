/// A code as a person typed it: exactly six ASCII digits.
///
/// This is the one parser of codes. Whatever it accepts is six bytes afterwards, so two spellings of one code are one
/// value, and nothing behind it ever sees a spelling. Digits stay digits: as a number, `012345` and `12345` would be
/// the same code.
public struct OneTimeCode: Sendable {
    /// How many digits a code has.
    public static let digitCount = OTPDigits.six.rawValue

    /// The digits in ASCII, ``digitCount`` of them.
    let digits: [UInt8]

    /// Reads a code.
    ///
    /// Spaces, tabs and no-break spaces are left out wherever they stand, because apps show `123 456` and people copy
    /// it so. Everything else that is not one of the ten ASCII digits makes the text no code at all, digits of other
    /// scripts included.
    ///
    /// - Parameter text: What was typed.
    public init?(_ text: String) {
        // Looks at scalars: a `Character` may hide combining marks behind a digit.
        var digits: [UInt8] = []
        digits.reserveCapacity(Self.digitCount)
        for scalar in text.unicodeScalars where !Self.isBlank(scalar) {
            guard digits.count < Self.digitCount, ("0"..."9").contains(scalar) else { return nil }
            digits.append(UInt8(truncatingIfNeeded: scalar.value))
        }
        guard digits.count == Self.digitCount else { return nil }
        self.digits = digits
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{A0}"
    }
}

extension OneTimeCode: Equatable {
    /// Whether two codes have the same digits; the time taken does not depend on where they differ.
    ///
    /// - Parameters:
    ///   - lhs: A code.
    ///   - rhs: Another code.
    /// - Returns: `true` if all digits are the same.
    public static func == (lhs: Self, rhs: Self) -> Bool {
        FixedTime.equals(lhs.digits, rhs.digits)
    }
}

extension OneTimeCode: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder, never the digits.
    public var description: String { "OneTimeCode(redacted)" }

    /// A placeholder, never the digits.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
