import HTTPTypes
import Hummingbird

/// Refuses a proxy's question that has lost its way: on another path than forward-auth's a page would answer it, and a
/// proxy takes every 2xx for permission.
///
/// Caddy asks about `GET x:http://a/sign-in` with a target made of that. So what describes another request, the origin
/// that a proxy pins or its path and method together, belongs to questions and to an application's own host alone.
struct StrayQuestions: EntranceRule {
    private static let pin = HTTPField.Name("Countersign-Origin")
    private static let uri = HTTPField.Name("X-Forwarded-Uri")
    private static let method = HTTPField.Name("X-Forwarded-Method")

    func check(_ request: Request, _ context: PortalContext) throws(PageError) {
        guard request.head.path?.utf8.first == UInt8(ascii: "/") else {
            throw PageError(.badRequest, PageError.formRefused.message, heading: "This cannot be used")
        }
        let path = request.uri.path
        let isExpected = ForwardAuthRoutes.isTheirs(path) || path.hasPrefix(ApplicationHostRoutes.base)
        if !isExpected, Self.describesAnother(request.headers) { throw PageError.strayQuestion }
    }

    private static func describesAnother(_ headers: HTTPFields) -> Bool {
        func has(_ name: HTTPField.Name?) -> Bool { name.map(headers.contains) ?? false }
        return has(pin) || has(uri) && has(method)
    }
}

extension PageError {
    fileprivate static let strayQuestion = PageError(
        .forbidden,
        PublicMessage(
            "access_denied",
            "A proxy asked for a page of the portal as if it were a question about an application.",
            .danger
        ),
        heading: "Access denied"
    )
}
