/// A one-time password that was computed, as opposed to a ``OneTimeCode`` that somebody typed.
///
/// It prints as a placeholder; ``text`` is for an authenticator that shows it and for tests.
public struct OneTimePasswordValue: Sendable {
    /// The digits in ASCII, leading zeros included.
    let digits: [UInt8]

    /// The last digits of a number, filled up with leading zeros.
    init(truncating number: UInt32, to digitCount: OTPDigits) {
        var digits = [UInt8](repeating: 0, count: digitCount.rawValue)
        var rest = number
        for index in digits.indices.reversed() {
            digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self.digits = digits
    }

    /// The password as an authenticator shows it.
    public var text: String {
        String(decoding: digits, as: UTF8.self)
    }

    /// Whether a typed code is this password; the time taken does not depend on how many digits are right.
    ///
    /// - Parameter code: What was typed.
    /// - Returns: `true` if all digits are the same; always `false` for a password that has more than six.
    public func matches(_ code: OneTimeCode) -> Bool {
        FixedTime.equals(digits, code.digits)
    }
}

extension OneTimePasswordValue: Equatable {
    /// Whether two passwords have the same digits; the time taken does not depend on where they differ.
    ///
    /// - Parameters:
    ///   - lhs: A password.
    ///   - rhs: Another password.
    /// - Returns: `true` if all digits are the same.
    public static func == (lhs: Self, rhs: Self) -> Bool {
        FixedTime.equals(lhs.digits, rhs.digits)
    }
}

extension OneTimePasswordValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder, never the digits.
    public var description: String { "OneTimePasswordValue(redacted)" }

    /// A placeholder, never the digits.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
