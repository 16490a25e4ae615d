import Accounts
package import HTTPTypes
package import Hummingbird
import Logging
import NIOHTTP1
import Secrets

/// The headers that every answer carries, from one place.
package struct SecurityHeaders: RouterMiddleware {
    /// What an answer that no route made carries as well, such as the server's own to what is no HTTP.
    package let fields: HTTPFields

    private static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'
        """

    package init(isHTTPS: Bool) {
        var fields: HTTPFields = [
            .contentSecurityPolicy: Self.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store",
        ]
        let others = [
            // With `no-referrer` a browser would send `Origin: null` on every form.
            ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ]
        for (name, value) in others {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        if isHTTPS { fields[.strictTransportSecurity] = "max-age=31536000" }
        self.fields = fields
    }

    package func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in fields where field.name != .cacheControl || response.headers[.cacheControl] == nil {
            response.headers[field.name] = field.value
        }
        return response
    }
}

/// Refuses a body that says itself that it is too long, also where nobody would read it.
struct BodyLimit: RouterMiddleware {
    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        // A proxy may hand on the length of a body that it does not send along.
        if ForwardAuthRoutes.isTheirs(request.uri.path) { return try await next(request, context) }
        let limit = request.uri.path.hasPrefix("/agent/") ? AgentRoutes.maximumBytes : Form.maximumBytes
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw PageError.tooLarge
        }
        return try await next(request, context)
    }
}

/// Refuses unsafe methods that another site's page sends with our cookies.
struct CrossSiteGuard: RouterMiddleware {
    let origin: String

    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        // These stand on other origins, and look for themselves.
        let isElsewhere =
            ForwardAuthRoutes.isTheirs(request.uri.path) || request.uri.path.hasPrefix(ApplicationHostRoutes.base)
        guard !isElsewhere, isUnsafe(request.method), !isOurs(request) else { return try await next(request, context) }
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

/// Turns every error into an answer: a page for people, RFC 9457 problem details for programs. Causes go to the log.
struct ErrorAnswers: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // Half a request from somebody who hung up, or no HTTP at all: the server below closes the connection.
            throw error
        } catch {
            return await web.answer(error, request, context)
        }
    }

    static func answer(_ error: any Error) -> PageError {
        switch error {
        case let error as PageError: return error
        case StoreError.conflict, StoreError.duplicate: return .conflict
        // A request that is cut off because the server stops was not judged.
        // A store that does not hold what it should is as good as one that does not answer: neither lets anybody in.
        case StoreError.unavailable, StoreError.corrupt, is CancellationError: return .unavailable
        case is PasswordHashingError:
            return PageError(.serviceUnavailable, .unavailable, heading: "Busy", retryAfter: 1)
        // Hummingbird's own and those that it gives a status, such as a body that is too long.
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: return .notFound
            case .contentTooLarge: return .tooLarge
            case .badRequest: return .formRefused
            default:
                return error.status.code < 500
                    ? PageError(error.status, PageError.formRefused.message, heading: "This cannot be used")
                    : .broken
            }
        default: return .broken
        }
    }

    /// Our own errors name columns, never values; of others only the kind is told.
    static func cause(_ error: any Error) -> String {
        (error as? StoreError).map { "\($0)" } ?? String(describing: type(of: error))
    }
}

extension Web {
    func answer(_ error: any Error, _ request: Request, _ context: PortalContext) async -> Response {
        let answer = ErrorAnswers.answer(error)
        if answer.status.code >= 500 {
            // The matched route, never the address as it came: links carry tokens.
            context.logger.error(
                "request failed",
                metadata: [
                    "route": "\(context.endpointPath ?? "none")", "cause": "\(ErrorAnswers.cause(error))",
                    "status": "\(answer.status.code)",
                ]
            )
        }
        return await errorResponse(answer, request, context)
    }
}
