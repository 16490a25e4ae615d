/// Why a proxy's description of a request says nothing.
package enum DescriptionProblem: String, Sendable, Error {
    /// Not all that is needed was sent.
    case incomplete
    /// Two headers contradict each other, or one came twice.
    case conflicting
}

/// Which origin a request came to. What the proxy's configuration names counts, and what the client claimed beside it
/// (its `Host`, handed on) may not say another: then one application would be served and another one judged.
extension ForwardedFields {
    /// `X-Original-URL` in its parts.
    struct OriginalParts {
        let origin: Origin
        let target: String
    }

    func originalParts() throws(DescriptionProblem) -> OriginalParts? {
        guard let url = originalURL else { return nil }
        guard let colon = url.utf8.firstIndex(of: 0x3a), let scheme = Origin.Scheme(forwarded: url[..<colon]),
            url[colon...].utf8.starts(with: "://".utf8)
        else { throw .incomplete }
        let rest = url[url.utf8.index(colon, offsetBy: 3)...]
        guard let slash = rest.utf8.firstIndex(of: 0x2f), let origin = Origin(scheme: scheme, authority: rest[..<slash])
        else { throw .incomplete }
        return OriginalParts(origin: origin, target: String(rest[slash...]))
    }

    /// The one origin that all headers agree on; nil when none says it whole.
    func agreedOrigin(_ parts: OriginalParts?) throws(DescriptionProblem) -> Origin? {
        var agreed = parts?.origin
        if let pinned = pinnedOrigin, agreed?.isWritten(pinned) != true {
            guard let origin = Origin(pinned) else { throw .incomplete }
            if let agreed, agreed != origin { throw .conflicting }
            agreed = origin
        }
        guard let origin = agreed else {
            guard let proto, let host else { return nil }
            guard let scheme = Origin.Scheme(forwarded: proto), let told = Origin(scheme: scheme, authority: host)
            else {
                throw .incomplete
            }
            return told
        }
        if let proto, Origin.Scheme(forwarded: proto) != origin.scheme { throw .conflicting }
        if let host, host != origin.authority, Origin(scheme: origin.scheme, authority: host) != origin {
            throw .conflicting
        }
        return origin
    }

    /// The origin of a request that a proxy routes to the portal's own paths on an application's host; nil when only a
    /// host is known and not the scheme.
    package func hostOrigin() throws(DescriptionProblem) -> Origin? {
        if hasDuplicates { throw .conflicting }
        return try agreedOrigin(try originalParts())
    }
}

extension Origin.Scheme {
    /// Traefik writes `ws` and `wss` for WebSockets.
    fileprivate init?(forwarded text: some StringProtocol) {
        switch text {
        case "https", "wss": self = .https
        case "http", "ws": self = .http
        default:
            switch text.lowercased() {
            case "https", "wss": self = .https
            case "http", "ws": self = .http
            default: return nil
            }
        }
    }
}
