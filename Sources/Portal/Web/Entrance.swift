import Hummingbird
import NIOHTTP1

/// What every request goes through before its route, and every answer after it.
///
/// It is one middleware, and its rules are values: a request that waits (for a hash, behind others) keeps the frames of
/// all middlewares in memory, a kilobyte or two for each.
struct Entrance: RouterMiddleware {
    private let web: Web
    private let headers: SecurityHeaders
    private let notices: NoticeExpiry
    /// In this order.
    private let rules: [any EntranceRule]

    init(web: Web) {
        let configuration = web.configuration
        self.web = web
        headers = SecurityHeaders(isHTTPS: configuration.publicURL.isHTTPS)
        notices = NoticeExpiry(cookies: web.cookies)
        rules = [
            StrayQuestions(), BodyLimit(), StrangerHeaders(clientAddress: web.clientAddress),
            CrossSiteGuard(origin: configuration.publicURL.origin),
        ]
    }

    func handle(
        _ request: Request,
        context: PortalContext,
        next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            for rule in rules { try rule.check(request, context) }
            response = try await next(request, context)
            notices.expire(in: &response, to: request)
        } catch let error as HTTPParserError {
            // Half a request from somebody who hung up, or no HTTP at all: the server below closes the connection.
            throw error
        } catch {
            response = await web.answer(error, request, context)
        }
        headers.add(to: &response)
        return response
    }
}
