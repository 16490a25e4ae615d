import Accounts
import Secrets
import SignIn

/// What a browser keeps of the logins that have signed in there: one value for each, `TAG-TOKEN.TAG-TOKEN`. The tag only
/// says which of them a new sign-in takes the place of; it is no login and no id.
struct BrowserCookie: Sendable {
    private struct Entry {
        let tag: Substring
        let token: BearerToken
    }

    static let lifetimeSeconds = Int(KnownBrowser.days) * 24 * 3600

    private let entries: [Entry]

    /// What is no such value is left out: whoever sends it is not known, and that is all.
    init(_ text: String?) {
        guard let text, text.utf8.count <= 400 else {
            entries = []
            return
        }
        entries = text.split(separator: ".").prefix(KnownBrowser.loginsPerBrowser).compactMap { part in
            let pair = part.split(separator: "-", maxSplits: 1)
            guard pair.count == 2, pair[0].utf8.count == 16, pair[0].utf8.allSatisfy(Self.isHex),
                let token = BearerToken(kind: .knownBrowser, text: String(pair[1]))
            else { return nil }
            return Entry(tag: pair[0], token: token)
        }
    }

    var digests: [TokenDigest] { entries.map(\.token.digest) }

    /// The value after somebody has signed in, the newest first.
    func adding(_ token: BearerToken, of user: User.ID) -> String {
        let tag = Self.tag(user)
        let others = entries.filter { $0.tag != tag }.map { "\($0.tag)-\($0.token.text)" }
        return (["\(tag)-\(token.text)"] + others.prefix(KnownBrowser.loginsPerBrowser - 1)).joined(separator: ".")
    }

    /// As it came, for the browser to keep it longer; nil when nothing of it counts.
    var text: String? {
        entries.isEmpty ? nil : entries.map { "\($0.tag)-\($0.token.text)" }.joined(separator: ".")
    }

    private static func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }

    private static func tag(_ user: User.ID) -> String { TokenDigest(of: "known browser of \(user)").shortText }
}
