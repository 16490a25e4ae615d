import Accounts
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Secrets

/// The headers that every answer carries, from one place.
struct SecurityHeaders: RouterMiddleware {
    let isHTTPS: Bool

    private static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'
        """

    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        // With `no-referrer` a browser would send `Origin: null` on every form.
        Self.set("Referrer-Policy", "same-origin", &response)
        Self.set("Cross-Origin-Opener-Policy", "same-origin", &response)
        Self.set("Cross-Origin-Resource-Policy", "same-origin", &response)
        Self.set("X-Frame-Options", "DENY", &response)
        Self.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()", &response)
        if isHTTPS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        return response
    }

    private static func set(_ name: String, _ value: String, _ response: inout Response) {
        if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
}

/// Refuses a body that says itself that it is too long, also where nobody would read it.
struct BodyLimit: RouterMiddleware {
    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
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
        guard isUnsafe(request.method), !isOurs(request) else { return try await next(request, context) }
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
            let answer = Self.answer(error)
            if answer.status.code >= 500 {
                // The matched route, never the address as it came: links carry tokens.
                context.logger.error(
                    "request failed",
                    metadata: [
                        "route": "\(context.endpointPath ?? "none")", "cause": "\(Self.cause(error))",
                        "status": "\(answer.status.code)",
                    ]
                )
            }
            return await web.errorResponse(answer, request, context)
        }
    }

    static func answer(_ error: any Error) -> PageError {
        switch error {
        case let error as PageError: return error
        case StoreError.conflict, StoreError.duplicate: return .conflict
        // A request that is cut off because the server stops was not judged.
        case StoreError.unavailable, is CancellationError: return .unavailable
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
    private static func cause(_ error: any Error) -> String {
        (error as? StoreError).map { "\($0)" } ?? String(describing: type(of: error))
    }
}
