import Foundation

/// A path in its plain form: percent-decoded once, several slashes made one, no dot segments (threats G06).
package struct RequestPath: Sendable, Hashable {
    static let maximumBytes = 4_096

    /// Case kept, a slash at the end kept.
    package let text: String
    /// Lower case, without the slash at the end.
    package let folded: String
    /// The parts of `folded`, without their slashes.
    let foldedParts: [String]

    init(text: String) {
        self.text = text
        foldedParts = Self.foldedParts(text)
        folded = "/" + foldedParts.joined(separator: "/")
    }

    package static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// A path that was read and stored before.
    package init?(stored text: String) {
        // By its byte: a mark behind the slash makes one character of both.
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        self.init(text: text)
    }

    /// A path that a rule is written for.
    package static func reading(_ typed: some StringProtocol) -> Result<RequestPath, PathProblem> {
        SentPath.reading(typed).map(\.plain)
    }

    // MARK: Folding

    /// What an application that does not look at case, or that normalises text, takes for the same name. Split at the
    /// bytes of slashes: a mark behind a slash makes one character of both, and would hide the slash.
    private static func foldedParts(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { part in
            part.allSatisfy { $0 < 0x80 } ? String(Substring(part)).lowercased() : fold(String(Substring(part)))
        }
    }

    /// The dotted capital i first: its small letter is an i with a mark for some, a bare one for others.
    private static func fold(_ part: String) -> String {
        part.replacing("\u{130}", with: "i").precomposedStringWithCompatibilityMapping.uppercased().lowercased()
    }
}
