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

    /// Whether one of them is named after another value than the one that it carries: a display name, which everybody
    /// chooses for themselves, in a header that an application takes for the login.
    package var isMisleading: Bool {
        zip(all, [Value.user, .name, .email, .groups]).contains { $1.isMisnamed($0) }
    }

    private enum Value: CaseIterable {
        case user, name, email, groups

        /// What a header that carries it is called by.
        private var words: [String] {
            switch self {
            case .user:
                [
                    "user", "username", "userid", "login", "loginname", "logon", "logonname", "principal",
                    "principalname",
                    "identity", "account", "accountname", "subject", "uid", "upn", "clientid",
                ]
            case .name: ["displayname", "fullname", "realname", "commonname", "nickname"]
            case .email: ["mail"]
            case .groups: ["group", "groups", "role", "roles", "member", "members", "memberof"]
            }
        }

        /// Too short to be looked for inside of others.
        private var parts: [String] {
            switch self {
            case .user: ["sub", "usr", "id"]
            case .name: ["name", "nick", "cn"]
            case .email, .groups: []
            }
        }

        /// A word of another value is fine where the last one is its own, as in `X-User-Email`.
        func isMisnamed(_ header: String) -> Bool {
            let lower = header.lowercased()
            let text = lower.filter { $0 != "-" }
            if words.contains(where: text.hasSuffix) { return false }
            let own = lower.split(separator: "-").map(String.init)
            let others = Value.allCases.filter { $0 != self }
            if others.contains(where: { $0.words.contains(where: text.contains) }) { return true }
            return !parts.contains { own.last == $0 } && others.contains { $0.parts.contains(where: own.contains) }
        }
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
