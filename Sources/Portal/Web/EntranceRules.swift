import HTTPTypes
import Hummingbird

/// What no route should see is refused by such a rule, before any of them.
protocol EntranceRule: Sendable {
    func check(_ request: Request, _ context: PortalContext) throws(PageError)
}

/// Refuses a body that says itself that it is too long, also where nobody would read it.
struct BodyLimit: EntranceRule {
    func check(_ request: Request, _ context: PortalContext) throws(PageError) {
        // A proxy may hand on the length of a body that it does not send along.
        if ForwardAuthRoutes.isTheirs(request.uri.path) { return }
        let limit = request.uri.path.hasPrefix("/agent/") ? AgentRoutes.maximumBytes : Form.maximumBytes
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw PageError.tooLarge
        }
    }
}

/// Refuses unsafe methods that another site's page sends with our cookies.
struct CrossSiteGuard: EntranceRule {
    let origin: String

    func check(_ request: Request, _ context: PortalContext) throws(PageError) {
        // These stand on other origins, and look for themselves.
        let isElsewhere =
            ForwardAuthRoutes.isTheirs(request.uri.path) || request.uri.path.hasPrefix(ApplicationHostRoutes.base)
        guard !isElsewhere, isUnsafe(request.method), !isOurs(request) else { return }
        throw PageError.crossSite(origin)
    }

    private func isUnsafe(_ method: HTTPRequest.Method) -> Bool {
        ![.get, .head, .options, .trace].contains(method)
    }

    private func isOurs(_ request: Request) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        // A program sends neither header; a browser always sends one with an unsafe method.
        guard let sent = request.headers[.origin] else { return true }
        return sent.lowercased() == origin
    }
}
