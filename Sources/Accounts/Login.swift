import OutsideText

/// A login as somebody typed it, claimed and not proven.
///
/// Two spellings that a person would call the same login have the same `key`: case and surrounding blanks do not
/// count. The text must have been brought to NFC at the rim; this module knows no Unicode tables of its own.
package struct Login: Sendable, Hashable {
    /// 254 characters, as many as an e-mail address may have.
    package static let maximumLength = 254

    package let text: String
    package let key: String

    package init?(_ typed: String) {
        guard typed.utf8.count <= 8 * Self.maximumLength, StreamSafeText.isSafe(typed) else { return nil }
        let text = String(typed.trimmingBlanks())
        guard !text.isEmpty, text.utf8.count <= 4 * Self.maximumLength, text.count <= Self.maximumLength else {
            return nil
        }
        guard text.unicodeScalars.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
        self.key = text.lowercased()
    }

    /// No blanks, controls, or characters that make two logins look alike while they are not (threats E15).
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        // A letter of its own in German, and in the profile for user names (RFC 8264 9.6), though it folds to `ss`.
        if scalar == "ß" || scalar == "ẞ" { return true }
        if scalar.value < 0x80 { return scalar.value > 0x20 && scalar.value != 0x7f }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .otherLetter, .decimalNumber, .nonspacingMark, .spacingMark:
            // A character with a compatibility form (full width, ligatures) imitates another one.
            return String(scalar).lowercased().unicodeScalars.allSatisfy { !$0.properties.changesWhenNFKCCaseFolded }
        default:
            return false
        }
    }
}

extension StringProtocol {
    /// Without blanks, tabs and line ends at both ends.
    package func trimmingBlanks() -> SubSequence {
        func isBlank(_ character: Character) -> Bool { character.isWhitespace }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex..<endIndex]
        }
        return self[first...last]
    }
}
