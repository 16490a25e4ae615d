/// The headers by which a proxy describes the request that it asks about, as they came.
package struct ForwardedFields: Sendable {
    package var originalURL: String?
    package var originalMethod: String?
    package var proto: String?
    package var host: String?
    package var uri: String?
    package var method: String?
    /// One of them came twice: nobody can say which one the proxy wrote (threats G05).
    package var hasDuplicates = false

    package init() {}
}

/// The request that a proxy asks about.
package struct ForwardedRequest: Sendable, Equatable {
    /// How the proxy wants its answer.
    package enum Dialect: Sendable, Equatable {
        /// nginx's `auth_request` understands 200, 401 and 403 and makes a 500 of everything else.
        case nginx
        /// Caddy, Traefik and Envoy hand an answer that is no 200 on to the client.
        case forwarded
    }

    package enum Problem: String, Sendable, Error {
        /// Not all that is needed was sent.
        case incomplete
        /// Two headers contradict each other, or one came twice.
        case conflicting
    }

    package let dialect: Dialect
    package let origin: Origin
    /// Path and query, as the client sent them.
    package let target: String
    package let method: String

    package init(dialect: Dialect, origin: Origin, target: String, method: String) {
        self.dialect = dialect
        self.origin = origin
        self.target = target
        self.method = method
    }

    package static func reading(_ fields: ForwardedFields) -> Result<ForwardedRequest, Problem> {
        if fields.hasDuplicates { return .failure(.conflicting) }
        if let url = fields.originalURL { return original(url, fields) }
        guard let proto = fields.proto, let host = fields.host, let uri = fields.uri, let method = fields.method else {
            return .failure(.incomplete)
        }
        guard let scheme = scheme(proto), let origin = Origin(scheme: scheme, authority: host), isMethod(method) else {
            return .failure(.incomplete)
        }
        return .success(ForwardedRequest(dialect: .forwarded, origin: origin, target: uri, method: method))
    }

    private static func original(_ url: String, _ fields: ForwardedFields) -> Result<ForwardedRequest, Problem> {
        guard let method = fields.originalMethod, isMethod(method), let colon = url.utf8.firstIndex(of: 0x3a),
            let scheme = scheme(url[..<colon]), url[colon...].utf8.starts(with: "://".utf8)
        else { return .failure(.incomplete) }
        let rest = url[url.utf8.index(colon, offsetBy: 3)...]
        guard let slash = rest.utf8.firstIndex(of: 0x2f), let origin = Origin(scheme: scheme, authority: rest[..<slash])
        else { return .failure(.incomplete) }
        let target = rest[slash...]
        // The other proxies' headers may come along, but may not tell another story.
        if let host = fields.host, Origin(scheme: scheme, authority: host) != origin { return .failure(.conflicting) }
        if let proto = fields.proto, self.scheme(proto) != scheme { return .failure(.conflicting) }
        if let uri = fields.uri, uri != target { return .failure(.conflicting) }
        if let other = fields.method, other != method { return .failure(.conflicting) }
        return .success(ForwardedRequest(dialect: .nginx, origin: origin, target: String(target), method: method))
    }

    /// Traefik writes `ws` and `wss` for WebSockets.
    private static func scheme(_ text: some StringProtocol) -> Origin.Scheme? {
        switch text {
        case "https", "wss": .https
        case "http", "ws": .http
        default:
            switch text.lowercased() {
            case "https", "wss": .https
            case "http", "ws": .http
            default: nil
            }
        }
    }

    private static func isMethod(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (0x41...0x5a).contains($0) || $0 == 0x2d }
    }
}

/// Whether somebody at a browser waits for a page, or a program for an answer.
package struct RequestKind: Sendable {
    package var fetchMode: String?
    package var accept: String?
    package var upgrade: String?
    package var requestedWith: String?
    package var contentType: String?

    package init() {}

    /// Only a page that was asked for by GET can be asked for again after signing in.
    package func isNavigation(method: String) -> Bool {
        guard method == "GET" || method == "HEAD", upgrade == nil, requestedWith == nil else { return false }
        if let contentType, contentType.lowercased().hasPrefix("application/grpc") { return false }
        if let fetchMode { return fetchMode == "navigate" }
        // An old browser does not say what it does with the answer; only pages ask for HTML.
        return accept?.lowercased().contains("text/html") ?? false
    }
}
