import OutsideText

/// Names and addresses as people type them: trimmed, bounded, free of control characters.
package struct PersonText: Sendable, Equatable {
    package static let maximumLength = 100

    package let text: String

    /// Nil when it is too long, holds control characters, or is empty where it must not be.
    package init?(_ typed: String, allowsEmpty: Bool = false, maximumLength: Int = Self.maximumLength) {
        guard typed.utf8.count <= 8 * maximumLength, StreamSafeText.isSafe(typed) else { return nil }
        let text = String(typed.trimmingBlanks())
        guard allowsEmpty || !text.isEmpty, text.utf8.count <= 4 * maximumLength, text.count <= maximumLength else {
            return nil
        }
        guard text.unicodeScalars.allSatisfy(Self.isPrintable) else { return nil }
        self.text = text
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        // Marks that reverse the reading direction make a name lie about itself; joiners are part of real names.
        case .format: scalar.value == 0x200c || scalar.value == 0x200d
        default: true
        }
    }

    /// An address that a mail program would accept at first sight, or nothing.
    package static func email(_ typed: String) -> PersonText? {
        guard let value = PersonText(typed, allowsEmpty: true, maximumLength: 254) else { return nil }
        if value.text.isEmpty { return value }
        let parts = value.text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !value.text.contains(" ") else { return nil }
        return value
    }
}
