import HTTPTypes
import Hummingbird
import NIOCore

/// Health for load balancers, the static files, and the way to the first page.
struct OperationsRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.get("/healthz") { _, _ in Self.text(.ok, "ok\n") }
        router.get("/readyz") { [web] _, _ in
            let state = await web.services.isReady()
            return Self.text(state == .ready ? .ok : .serviceUnavailable, state.rawValue + "\n")
        }
        router.get("/static/:name") { [web] _, context in try Self.file(web, context.parameters.get("name") ?? "") }
        router.page(.get, "/", web) { person in web.redirect(Navigation(view: person.view).home) }
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var response = Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
        if status == .serviceUnavailable { response.headers[.retryAfter] = "2" }
        return response
    }

    static func file(_ web: Web, _ name: String) throws -> Response {
        guard let file = web.pages.files[name] else { throw PageError.notFound }
        return Response(
            status: .ok,
            // The address carries a version: a new one is a new address.
            headers: [.contentType: file.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: file.body)
        )
    }
}
