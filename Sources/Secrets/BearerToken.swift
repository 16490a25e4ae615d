/// Every kind of bearer value that the product hands out: the one table of their prefixes.
///
/// A kind is part of the text and so of the digest. A value presented where another kind is expected is not even
/// looked up.
package enum BearerKind: String, CaseIterable, Hashable, Sendable {
    /// A sign-in after the right password and before its end.
    case attempt = "csat_"
    /// A finished sign-in to the portal.
    case portalSession = "csps_"
    /// A sign-in of an agent.
    case agentSession = "csag_"
    /// A portal session, handed over to one application.
    case applicationSession = "csas_"
    /// A person's token for programs, at the applications that it names.
    case apiToken = "csap_"
    /// What carries a portal session over to an application's host, once.
    case handOverTicket = "cstk_"
    /// What ties a ticket to the browser that asked for it.
    case handOverNonce = "csno_"
    /// What a browser is known by that has signed in as somebody before; it opens nothing.
    case knownBrowser = "cskb_"
    /// The link that makes the first administrator.
    case firstRun = "csfr_"
    /// The link that invites a person.
    case invitation = "csin_"
    /// The link that sets a forgotten password.
    case passwordReset = "cspr_"

    package var prefix: String { rawValue }
}

/// A value that gives its bearer something: a prefix that tells its kind, then 256 random bits in base64url.
package struct BearerToken: Sendable {
    private static let byteCount = 32
    /// 256 bits at six bits a character.
    static let encodedCount = 43

    package let kind: BearerKind

    /// The whole value, for the cookie, the link or the answer that carries it to its bearer and for nothing else.
    package let text: String

    package init(kind: BearerKind, random source: some RandomSource) {
        let bytes = source.bytes(Self.byteCount)
        precondition(bytes.count == Self.byteCount, "A random source gives as many bytes as it is asked for.")
        self.kind = kind
        text = kind.prefix + Base64.url.encode(bytes)
    }

    /// Reads a value that somebody presented as one of a kind.
    package init?(kind: BearerKind, text: String) {
        let prefix = kind.prefix.utf8
        // The length first: what is presented may be long, and is not worth looking at then.
        guard text.utf8.count == prefix.count + Self.encodedCount,
            text.utf8.starts(with: prefix),
            Base64.url.decode(text.utf8.dropFirst(prefix.count)) != nil
        else { return nil }
        self.kind = kind
        self.text = text
    }

    /// What the database knows this value by.
    package var digest: TokenDigest {
        TokenDigest(of: Array(text.utf8))
    }
}

extension BearerToken: Equatable {
    package static func == (lhs: Self, rhs: Self) -> Bool {
        ConstantTime.equals(Array(lhs.text.utf8), Array(rhs.text.utf8))
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "BearerToken(\(kind.prefix)redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
