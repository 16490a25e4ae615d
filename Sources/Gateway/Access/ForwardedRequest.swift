/// The headers by which a proxy describes the request that it asks about, as they came.
package struct ForwardedFields: Sendable {
    /// The origin that the proxy serves, written into its configuration: `Countersign-Origin`.
    package var pinnedOrigin: String?
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

    package let dialect: Dialect
    package let origin: Origin
    /// Whether the origin is the proxy's own word, whatever the client said.
    package let isPinned: Bool
    /// Path and query, as the client sent them.
    package let target: String
    package let method: String

    package init(dialect: Dialect, origin: Origin, isPinned: Bool, target: String, method: String) {
        self.dialect = dialect
        self.origin = origin
        self.isPinned = isPinned
        self.target = target
        self.method = method
    }

    package static func reading(_ fields: ForwardedFields) -> Result<ForwardedRequest, DescriptionProblem> {
        do throws(DescriptionProblem) {
            if fields.hasDuplicates { throw DescriptionProblem.conflicting }
            let parts = try fields.originalParts()
            guard let target = parts?.target ?? fields.uri,
                let method = parts == nil ? fields.method : fields.originalMethod, isMethod(method)
            else { throw DescriptionProblem.incomplete }
            // The other proxies' headers may come along, but may not tell another story.
            if let uri = fields.uri, uri != target { throw DescriptionProblem.conflicting }
            if let other = fields.method, other != method { throw DescriptionProblem.conflicting }
            guard let origin = try fields.agreedOrigin(parts) else { throw DescriptionProblem.incomplete }
            return .success(
                ForwardedRequest(
                    dialect: parts == nil ? .forwarded : .nginx,
                    origin: origin,
                    isPinned: fields.pinnedOrigin != nil,
                    target: target,
                    method: method
                )
            )
        } catch {
            return .failure(error)
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
