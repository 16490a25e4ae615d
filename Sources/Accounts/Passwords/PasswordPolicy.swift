/// Why a new password is not taken; the sentence for it stands with the pages.
package enum PasswordRefusal: Sendable, Equatable {
    case tooShort(minimum: Int)
    /// Over 1,024 bytes: refused before it is hashed (threats E13).
    case tooLong
    case common
    case containsLogin
    case repetition
    case notRepeated
    /// The new one is the old one.
    case unchanged
}

/// What a new password must meet (SP 800-63B 3.1.1.2): length and not guessable; no composition rules.
///
/// It is the agents' only factor, hence 12 characters where the standard asks for 8 beside a second factor.
package struct PasswordPolicy: Sendable, Equatable {
    package static let maximumBytes = 1_024

    package let minimumLength: Int

    package static let standard = PasswordPolicy(minimumLength: 12)

    package init(minimumLength: Int) {
        self.minimumLength = minimumLength
    }

    /// Nil when the password may be used by this login.
    package func refusal(of password: String, login: String) -> PasswordRefusal? {
        guard password.utf8.count <= Self.maximumBytes else { return .tooLong }
        guard password.unicodeScalars.count >= minimumLength else { return .tooShort(minimum: minimumLength) }
        let folded = password.lowercased()
        // Very short logins turn up in honest pass phrases by chance.
        let name = login.lowercased().prefix { $0 != "@" }
        if name.count >= 4, folded.contains(name) { return .containsLogin }
        if Set(folded.unicodeScalars).count < 5 { return .repetition }
        return CommonPasswords.contains(folded) ? .common : nil
    }
}
