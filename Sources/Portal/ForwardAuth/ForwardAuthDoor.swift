import Accounts
import Gateway
import HTTPTypes
import NIOCore
import NIOHTTP1
import Secrets
import SignIn

/// A finished answer to a proxy.
struct ForwardAuthAnswer: Sendable {
    var status: HTTPResponse.Status
    /// Ready for the wire: made from fields that hold only what a header may hold.
    fileprivate(set) var headers: HTTPHeaders
    var body = ByteBuffer()
}

extension HTTPHeaders {
    fileprivate init(_ fields: HTTPFields) {
        self.init(fields.map { ($0.name.rawName, $0.value) })
    }
}

/// One question of a proxy from its headers to its answer; asked on the event loop where memory is enough, and in a
/// route where the database has to be asked.
final class ForwardAuthDoor: Sendable {
    let web: Web
    private let common: HTTPFields

    init(web: Web) {
        self.web = web
        common = SecurityHeaders(isHTTPS: web.configuration.publicURL.isHTTPS).fields
    }

    private var gatekeeper: Gatekeeper { web.services.gatekeeper }

    func isTrusted(_ peer: IPAddress?) -> Bool {
        guard let peer else { return false }
        return web.configuration.trustedProxies.contains { $0.contains(peer) }
    }

    /// The answer from memory; nil when the database has to be asked.
    func quickAnswer(_ call: ForwardAuthCall, peer: IPAddress?, isTrusted: Bool) -> ForwardAuthAnswer? {
        let question: AccessQuestion
        switch read(call, isTrusted: isTrusted) {
        case .failure(let reason): return finish(call, nil, AccessAnswer(AccessDecision(reason)), peer)
        case .success(let found): question = found
        }
        guard let answer = gatekeeper.quickAnswer(question) else { return nil }
        return finish(call, question.request, answer, peer)
    }

    /// - Parameter isTold: a broken store, for the log.
    func answer(_ call: ForwardAuthCall, peer: IPAddress?, whenBroken isTold: (any Error) -> Void) async
        -> ForwardAuthAnswer
    {
        switch read(call, isTrusted: isTrusted(peer)) {
        case .failure(let reason): return finish(call, nil, AccessAnswer(AccessDecision(reason)), peer)
        case .success(let question):
            do {
                return finish(call, question.request, try await gatekeeper.answer(question), peer)
            } catch {
                isTold(error)
                return finish(call, question.request, AccessAnswer(AccessDecision(.unavailable)), peer)
            }
        }
    }

    private enum Reading {
        case success(AccessQuestion)
        case failure(AccessReason)
    }

    private func read(_ call: ForwardAuthCall, isTrusted: Bool) -> Reading {
        guard isTrusted else { return .failure(.untrustedPeer) }
        switch ForwardedRequest.reading(call.fields) {
        case .failure(.incomplete): return .failure(.incompleteDescription)
        case .failure(.conflicting): return .failure(.conflictingDescription)
        case .success(let request):
            let cookie = call.cookie(isHTTPS: request.origin.isHTTPS)
            return .success(AccessQuestion(request: request, cookie: cookie, token: call.token))
        }
    }

    // MARK: Answers

    private func finish(
        _ call: ForwardAuthCall,
        _ request: ForwardedRequest?,
        _ answer: AccessAnswer,
        _ peer: IPAddress?
    ) -> ForwardAuthAnswer {
        let id = web.services.decisions.ids.next()
        let isPermitted = answer.decision.outcome == .permitted
        var result: ForwardAuthAnswer
        if isPermitted, !DecisionLog.isSample(id) {
            result = permit(answer)
        } else {
            let record = DecisionLog.Record(
                id: id,
                at: web.services.now,
                decision: answer.decision,
                application: answer.application,
                entry: answer.entry,
                shown: answer.entry == nil ? shown(call, request) : nil,
                method: request?.method ?? "",
                target: request?.target ?? "",
                forwardedFor: call.forwardedFor,
                peer: peer
            )
            web.services.decisions.append(record)
            let isNginx = (request?.dialect ?? dialect(call)) == .nginx
            result = isPermitted ? permit(answer) : refuse(call, request, record, isNginx: isNginx)
        }
        result.headers.add(name: Self.operation, value: web.services.decisions.name(id))
        if !isPermitted { result.headers.add(name: "Content-Length", value: String(result.body.readableBytes)) }
        return result
    }

    private func shown(_ call: ForwardAuthCall, _ request: ForwardedRequest?) -> TokenDigest? {
        request.flatMap { call.cookie(isHTTPS: $0.origin.isHTTPS) }
            .flatMap { BearerToken(kind: .applicationSession, text: $0)?.digest }
    }

    private func dialect(_ call: ForwardAuthCall) -> ForwardedRequest.Dialect {
        call.fields.originalURL == nil && call.fields.originalMethod == nil ? .forwarded : .nginx
    }

    private static let operation = "Countersign-Operation"
    private static let reason = field("Countersign-Reason")
    private static let credential = field("Countersign-Credential")
    /// Whether to send a browser to `Location`, for a proxy that cannot tell on its own.
    private static let navigation = field("Countersign-Navigation")

    private static func field(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .server }

    /// An entry's answer, made once.
    private final class Permit: Sendable {
        let headers: HTTPHeaders

        init(_ headers: HTTPHeaders) {
            self.headers = headers
        }
    }

    private func permit(_ answer: AccessAnswer) -> ForwardAuthAnswer {
        guard let entry = answer.entry else { return ForwardAuthAnswer(status: .ok, headers: Self.identity(answer)) }
        return ForwardAuthAnswer(status: .ok, headers: entry.prepared { Permit(Self.identity(answer)) }.headers)
    }

    /// All four, empty where nothing is known: a proxy would leave the client's own in place of one that is not there
    /// (threats G02). Without what only a browser reads, since no browser gets this answer.
    private static func identity(_ answer: AccessAnswer) -> HTTPHeaders {
        var headers = HTTPFields()
        headers.append(HTTPField(name: .cacheControl, value: "no-store"))
        headers.append(HTTPField(name: .xContentTypeOptions, value: "nosniff"))
        headers.append(HTTPField(name: .contentLength, value: "0"))
        let names = answer.application?.headers ?? .standard
        let values = answer.entry.map(\.visitor).map { visitor in
            [
                visitor.user.login, visitor.user.name, visitor.user.email,
                IdentityValue.groups(visitor.roleNames),
            ]
        }
        for (place, name) in names.all.enumerated() {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: values.map { IdentityValue.text($0[place]) } ?? ""))
        }
        headers.append(HTTPField(name: credential, value: answer.decision.reason.code))
        return HTTPHeaders(headers)
    }

    private func refuse(
        _ call: ForwardAuthCall,
        _ request: ForwardedRequest?,
        _ record: DecisionLog.Record,
        isNginx: Bool
    ) -> ForwardAuthAnswer {
        let reason = record.decision.reason
        let isNavigation = request.map { call.kind.isNavigation(method: $0.method) } ?? false
        var headers = common
        headers.append(HTTPField(name: Self.reason, value: reason.code))
        var status: HTTPResponse.Status
        switch record.decision.outcome {
        case .permitted, .signIn:
            status = isNavigation && !isNginx ? .found : .unauthorized
            if let application = record.application, let request {
                headers.append(HTTPField(name: .location, value: Self.startAddress(application, request.target)))
            }
            if isNginx { headers.append(HTTPField(name: Self.navigation, value: isNavigation ? "yes" : "no")) }
            if reason == .tokenRefused { headers.append(HTTPField(name: .wwwAuthenticate, value: "Bearer")) }
        case .refused: status = .forbidden
        case .unavailable:
            // nginx would make a 500 of a 503.
            status = isNginx ? .forbidden : .serviceUnavailable
            headers.append(HTTPField(name: .retryAfter, value: "2"))
        }
        if status == .found { return ForwardAuthAnswer(status: status, headers: HTTPHeaders(headers)) }
        let name = web.services.decisions.name(record.id)
        let isPage = !isNginx && isNavigation
        headers.append(
            HTTPField(name: .contentType, value: isPage ? "text/html; charset=utf-8" : "application/problem+json")
        )
        let body =
            isPage
            ? web.refusedPage(record)
            : Problem.text(status, code: reason.code, detail: reason.sentence, operation: name)
        return ForwardAuthAnswer(status: status, headers: HTTPHeaders(headers), body: ByteBuffer(string: body))
    }

    /// Where a navigation goes to get a session; back to where it was going.
    static func startAddress(_ application: Application, _ target: String) -> String {
        let path = LocalPath.checked(target) ?? "/"
        return "\(application.origin.text)\(ApplicationHostRoutes.base)start?to=\(LocalPath.queryValue(path))"
    }
}
