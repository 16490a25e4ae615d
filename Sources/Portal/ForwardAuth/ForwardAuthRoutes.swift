import HTTPTypes
import Hummingbird
import Logging

/// `/forward-auth` where memory was not enough to answer; see `ForwardAuthHandler` for where it was.
struct ForwardAuthRoutes: Sendable {
    static let path = "/forward-auth"

    let door: ForwardAuthDoor

    init(web: Web) {
        door = ForwardAuthDoor(web: web)
    }

    /// Envoy puts the path of the request that it asks about behind the one of the question.
    static func isTheirs(_ path: String) -> Bool { path == Self.path || path.hasPrefix(Self.path + "/") }

    func add(to router: Router<PortalContext>) {
        // Whatever the method of the question: there are no exceptions by method (threats G09).
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
            router.on("/forward-auth", method: method, use: answer)
            router.on("/forward-auth/**", method: method, use: answer)
        }
    }

    @Sendable private func answer(_ request: Request, _ context: PortalContext) async -> Response {
        let call = ForwardAuthCall(request.headers)
        let answer = await door.answer(call, peer: context.peer) { error in
            context.logger.error(
                "forward-auth could not ask the database",
                metadata: ["cause": "\(ErrorAnswers.cause(error))"]
            )
        }
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return Response(
            status: answer.status,
            headers: headers,
            body: answer.body.readableBytes == 0 ? ResponseBody() : ResponseBody(byteBuffer: answer.body)
        )
    }
}
