package import Accounts

/// A host name, or every name under a domain: `grafana.example.com`, `*.example.com`.
package struct HostPattern: Sendable, Hashable {
    /// In lower case, without a port.
    package let text: String

    /// What somebody typed; nil when it is no host name, or names a port or a path.
    package init?(_ typed: String) {
        guard typed.utf8.count <= 260 else { return nil }
        let isWild = typed.utf8.starts(with: "*.".utf8)
        let name = isWild ? typed.dropFirst(2) : typed[...]
        guard !name.utf8.contains(UInt8(ascii: ":")), let origin = Origin(scheme: .https, authority: name) else {
            return nil
        }
        text = (isWild ? "*." : "") + origin.authority
    }

    package init(_ origin: Origin) {
        text = origin.host
    }

    /// Everything that covers a host, the most specific first.
    package static func covering(_ host: String) -> [String] {
        var patterns = [host]
        var rest = host[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            patterns.append("*.\(rest)")
        }
        return patterns
    }
}

/// What is known of a host that an application shall have. Host names are one name space for all accounts, so that the
/// operator says whose they are.
package struct HostClaims: Sendable {
    /// Whom the most specific grant names.
    package var grantedTo: Account.ID?
    /// The accounts with applications on it, whatever the port: cookies of a host know no port.
    package var usedBy: Set<Account.ID>
    package var isOnlyAccount: Bool
    /// The account had an application there, and a proxy may still ask about it.
    package var wasUsed = false

    package init(grantedTo: Account.ID? = nil, usedBy: Set<Account.ID> = [], isOnlyAccount: Bool = true) {
        self.grantedTo = grantedTo
        self.usedBy = usedBy
        self.isOnlyAccount = isOnlyAccount
    }

    /// Whether an account may put an application there. What it has there already counts as granted.
    package func allows(_ account: Account.ID) -> Bool {
        guard usedBy.subtracting([account]).isEmpty else { return false }
        if usedBy.contains(account) { return true }
        return grantedTo.map { $0 == account } ?? isOnlyAccount
    }
}

package enum HostGrantRefusal: Sendable, Equatable {
    case grantedTo(Account.ID)
    case usedBy(Account.ID)
}
