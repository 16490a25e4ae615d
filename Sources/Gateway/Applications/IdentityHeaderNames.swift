/// The headers by which an application learns who is there.
package struct IdentityHeaderNames: Sendable, Hashable {
    package let user: String
    package let name: String
    package let email: String
    package let groups: String

    package static let standard = IdentityHeaderNames(
        unchecked: ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")
    )

    package var all: [String] { [user, name, email, groups] }

    private init(unchecked names: (String, String, String, String)) {
        (user, name, email, groups) = names
    }

    /// Nil unless each is a header's name, none is there twice, and none means something else on the way.
    package init?(user: String, name: String, email: String, groups: String) {
        self.init(unchecked: (user, name, email, groups))
        guard all.allSatisfy(Self.isUsable), Set(all.map { $0.lowercased() }).count == all.count else { return nil }
    }

    /// Letters, digits and hyphens: an underscore reads like a hyphen to some applications (threats G03).
    private static func isUsable(_ name: String) -> Bool {
        let lower = name.lowercased()
        return (1...60).contains(name.utf8.count) && !name.hasPrefix("-") && !name.hasSuffix("-")
            && lower.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
            && !reserved.contains(lower) && !reservedStarts.contains { lower.hasPrefix($0) }
    }

    private static let reserved: Set<String> = [
        "accept", "age", "allow", "authorization", "cache-control", "connection", "content-encoding", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "forwarded",
        "host", "keep-alive", "location", "origin", "pragma", "range", "referer", "retry-after", "server", "set-cookie",
        "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via", "www-authenticate",
        "x-content-type-options", "x-frame-options", "x-http-method-override", "x-original-method", "x-original-url",
        "x-real-ip", "x-rewrite-url", "content-security-policy", "strict-transport-security",
    ]
    private static let reservedStarts = ["x-forwarded-", "proxy-", "sec-", "access-control-", "countersign-", "if-"]
}

/// A header's value for applications that read it as a list, or as nothing but text.
package enum IdentityValue {
    /// Role names with commas between; a comma inside a name is written as `%2C`, so that one role is never read as two.
    package static func groups(_ names: [String]) -> String {
        names.map { $0.replacing("%", with: "%25").replacing(",", with: "%2C") }.joined(separator: ",")
    }

    /// One line, whatever the name holds.
    package static func text(_ text: String) -> String {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
            ? text
            : String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }
}
