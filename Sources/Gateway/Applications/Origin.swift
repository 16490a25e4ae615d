/// Scheme, host and port of an application: what a browser calls its origin, in the one spelling that is compared.
package struct Origin: Sendable, Hashable {
    package enum Scheme: String, Sendable, Hashable {
        case http, https
    }

    package let scheme: Scheme
    /// Host and, where it is not the scheme's own, port: `grafana.example.com`, `localhost:3000`.
    package let authority: String

    /// A host name of 253 bytes with all that may stand around it.
    private static let maximumBytes = 270

    package var isHTTPS: Bool { scheme == .https }

    /// `https://grafana.example.com`
    package var text: String { "\(scheme.rawValue)://\(authority)" }

    /// What somebody typed: scheme, host and perhaps a port, nothing behind it but one slash. Plain http is taken only
    /// for this very machine, since a cookie that travels in clear belongs to everybody on the way.
    package init?(_ typed: String) {
        guard typed.utf8.count <= Self.maximumBytes else { return nil }
        let lower = typed.lowercased()
        guard let colon = lower.firstRange(of: "://"), let scheme = Scheme(rawValue: String(lower[..<colon.lowerBound]))
        else { return nil }
        var rest = lower[colon.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let origin = Origin(scheme: scheme, authority: rest) else { return nil }
        guard scheme == .https || origin.isLocal else { return nil }
        self = origin
    }

    /// The origin of a request as a proxy describes it, whatever the case, a final dot or a port that goes without
    /// saying (threats G07). Nil when the host could be read in two ways.
    package init?(scheme: Scheme, authority: some StringProtocol) {
        guard let authority = Self.canonical(authority, scheme) else { return nil }
        self.scheme = scheme
        self.authority = authority
    }

    /// Whether the text is this origin in its own spelling; costs less than reading it.
    func isWritten(_ text: String) -> Bool {
        let scheme = scheme.rawValue.utf8
        guard text.utf8.count == scheme.count + 3 + authority.utf8.count, text.utf8.starts(with: scheme) else {
            return false
        }
        return text.utf8.dropFirst(scheme.count).starts(with: "://".utf8)
            && text.utf8.dropFirst(scheme.count + 3).elementsEqual(authority.utf8)
    }

    /// Without the port.
    package var host: String { String(authority.prefix { $0 != ":" }) }

    /// `localhost` and names under it.
    package var isLocal: Bool {
        let host = host
        return host == "localhost" || host.hasSuffix(".localhost")
    }

    private static func canonical(_ text: some StringProtocol, _ scheme: Scheme) -> String? {
        guard text.utf8.count <= maximumBytes else { return nil }
        if isCanonical(text.utf8) { return String(text) }
        let lower = text.lowercased()
        var host = Substring(lower)
        var port: Substring?
        if let colon = lower.lastIndex(of: ":") {
            host = lower[..<colon]
            port = lower[lower.index(after: colon)...]
        }
        if host.hasSuffix(".") { host = host.dropLast() }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy(isLabel) else { return nil }
        guard let port else { return String(host) }
        guard port.utf8.count <= 5, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port),
            number > 0
        else { return nil }
        let isDefault = number == (scheme == .https ? 443 : 80)
        return isDefault ? String(host) : "\(host):\(number)"
    }

    /// Whether nothing has to be done: lower case, no port, labels as they should be.
    private static func isCanonical(_ host: some Sequence<UInt8>) -> Bool {
        var label = 0
        var total = 0
        var previous = UInt8(ascii: ".")
        for byte in host {
            total += 1
            if byte == UInt8(ascii: ".") {
                guard label > 0, previous != UInt8(ascii: "-") else { return false }
                label = 0
            } else {
                let isInner = byte == UInt8(ascii: "-")
                guard (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || isInner && label > 0 else {
                    return false
                }
                label += 1
                if label > 63 { return false }
            }
            previous = byte
        }
        return total <= 253 && label > 0 && previous != UInt8(ascii: "-")
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x5f
            }
    }
}

extension Origin: CustomStringConvertible {
    package var description: String { text }
}
