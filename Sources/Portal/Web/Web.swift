import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import OutsideText
import Secrets
import SignIn
import Synchronization
import Wire

/// What every flow uses to read a request and to answer it.
struct Web: Sendable {
    let services: PortalServices
    let configuration: PortalConfiguration
    let pages: Pages
    let cookies: PortalCookies
    let clientAddress: ClientAddress

    init(services: PortalServices, configuration: PortalConfiguration, pages: Pages) {
        self.services = services
        self.configuration = configuration
        self.pages = pages
        cookies = PortalCookies(isHTTPS: configuration.publicURL.isHTTPS)
        clientAddress = ClientAddress(trustedProxies: configuration.trustedProxies)
    }

    // MARK: Requests

    func call(_ request: Request, _ context: PortalContext) throws -> Call {
        guard let query = Form((request.uri.query ?? "").utf8) else { throw PageError.formRefused }
        return Call(
            request: request,
            context: context,
            bodies: services.bodies,
            query: query,
            source: clientAddress.source(
                of: request,
                peer: context.peer,
                browsers: cookies.browser(in: request).digests
            ).source,
            notice: cookies.value(.notice, in: request).flatMap(Notice.init(rawValue:))
        )
    }

    /// The cookie that a browser is known by.
    ///
    /// - Parameter token: a new value for this person; nil to keep what there is for longer.
    func knownBrowser(_ call: Call, _ token: BearerToken?, _ user: User.ID) -> [String] {
        let present = cookies.browser(in: call.request)
        let text = token.map { present.adding($0, of: user) } ?? present.text
        return text.map { [cookies.keep(.browser, $0, seconds: BrowserCookie.lifetimeSeconds)] } ?? []
    }

    // MARK: Answers

    func html(_ status: HTTPResponse.Status, _ text: String, cookies setCookies: [String] = []) -> Response {
        var response = Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
        append(setCookies, to: &response)
        return response
    }

    /// 303 after an accepted form; always a path on this origin.
    func redirect(_ path: String, cookies setCookies: [String] = [], notice: Notice? = nil) -> Response {
        var response = Response(status: .seeOther, headers: [.location: path])
        append(setCookies + (notice.map { [cookies.set(.notice, $0.rawValue)] } ?? []), to: &response)
        return response
    }

    /// Adds cookies to an answer that somebody else made; one that it sets itself counts more.
    func adopt(_ setCookies: [String], in response: inout Response) {
        let taken = response.headers[values: .setCookie].map { $0.prefix { $0 != "=" } }
        append(setCookies.filter { !taken.contains($0.prefix { $0 != "=" }) }, to: &response)
    }

    private func append(_ setCookies: [String], to response: inout Response) {
        for cookie in setCookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
    }

    /// A page of the sign-in card.
    func card(
        _ call: Call,
        _ status: HTTPResponse.Status = .ok,
        title: String,
        _ template: String,
        _ fields: Fields,
        messages: [PublicMessage] = [],
        accountName: String = "",
        isWide: Bool = false,
        noticeSubject: String = "",
        refreshTo: String? = nil,
        cookies setCookies: [String] = []
    ) -> Response {
        var layout: Fields = ["isWide": isWide]
        if let refreshTo {
            layout["refreshTo"] = refreshTo
            layout["refreshSeconds"] = 0
        }
        if !accountName.isEmpty { layout["accountName"] = accountName }
        return page(call, status, "layout_card", title, template, fields, layout, messages, noticeSubject, setCookies)
    }

    /// A page of the portal, with the tabs that the person may see.
    func portal(
        _ person: PersonCall,
        _ status: HTTPResponse.Status = .ok,
        title: String,
        at place: Place,
        _ template: String,
        _ fields: Fields,
        messages: [PublicMessage] = [],
        noticeSubject: String = "",
        cookies setCookies: [String] = []
    ) -> Response {
        var layout = Navigation(view: person.view).fields(at: place)
        layout["accountName"] = person.view.account.name
        layout["userName"] = person.view.user.displayName
        layout["userLogin"] = person.view.user.login
        return page(
            person.call,
            status,
            "layout_portal",
            title,
            template,
            fields,
            layout,
            messages,
            noticeSubject,
            setCookies
        )
    }

    private func page(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ layout: String,
        _ title: String,
        _ template: String,
        _ fields: Fields,
        _ layoutFields: Fields,
        _ messages: [PublicMessage],
        _ noticeSubject: String,
        _ setCookies: [String]
    ) -> Response {
        var messages = messages
        var setCookies = setCookies
        if let notice = call.notice {
            // A refusal of this very form matters more than old news, which is dropped then.
            if status == .ok { messages.insert(notice.message(subject: noticeSubject), at: 0) }
            setCookies.append(cookies.clear(.notice))
        }
        let text = pages.page(
            layout,
            title: title,
            content: template,
            fields,
            layoutFields: layoutFields,
            messages: messages,
            operationID: status == .ok ? nil : call.context.operationID
        )
        var response = html(status, text, cookies: setCookies)
        if status == .tooManyRequests, response.headers[.retryAfter] == nil { response.headers[.retryAfter] = "60" }
        return response
    }

    // MARK: Refusals

    /// A limit refused: how long to wait, as a page of its own or of the form.
    func limited(_ seconds: Int64, _ make: (PublicMessage) -> Response) -> Response {
        var response = make(.tooManyAttempts(seconds))
        response.headers[.retryAfter] = String(seconds)
        return response
    }

    func errorResponse(_ error: PageError, _ request: Request, _ context: PortalContext) async -> Response {
        var response: Response
        if request.uri.path.hasPrefix(ApplicationHostRoutes.base) {
            // On another host: nothing of a portal session is looked at, and no link leads into the portal's pages.
            response = hostCard(
                context,
                error.status,
                title: error.heading,
                "error",
                [
                    "heading": error.heading, "code": error.message.code, "sentence": error.message.text,
                    "operationID": context.operationID,
                ]
            )
        } else if request.uri.path.hasPrefix("/agent/") {
            response = Problem.response(error.status, code: error.message.code, detail: error.message.text)
        } else {
            response = await errorPage(error, request, context)
        }
        if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
        if let allow = error.allow { response.headers[.allow] = allow }
        return response
    }

    private func errorPage(_ error: PageError, _ request: Request, _ context: PortalContext) async -> Response {
        let call = Call(
            request: request,
            context: context,
            bodies: services.bodies,
            query: .empty,
            source: clientAddress.source(of: request, peer: context.peer).source,
            notice: nil
        )
        var fields: Fields = [
            "heading": error.heading, "code": error.message.code, "sentence": error.message.text, "nextHref": "/",
            "nextLabel": "Go to Log In", "operationID": context.operationID,
        ]
        // A broken store must not break the page that says so.
        if error.status.code < 500, let view = try? await liveSession(call) {
            fields["nextLabel"] = "Back to the portal"
            return portal(
                PersonCall(call: call, view: view, now: services.now),
                error.status,
                title: error.heading,
                at: .none,
                "error",
                fields
            )
        }
        if error.status.code >= 500 { fields["nextLabel"] = "Try again" }
        return card(call, error.status, title: error.heading, "error", fields)
    }

    /// The session of the cookie when it opens pages now.
    func liveSession(_ call: Call) async throws -> SessionView? {
        guard let token = cookies.token(.portalSession, in: call.request),
            let view = try await services.ceremony.store.sessionView(token.digest),
            SessionGate.verdict(view, at: services.now) == .open
        else { return nil }
        return view
    }
}

/// One request, read.
struct Call: Sendable {
    let request: Request
    let context: PortalContext
    let bodies: MemoryShares
    let query: Form
    let source: RequestSource
    let notice: Notice?

    private let once = BodyOnce()

    /// The body, read at the first call.
    func form() async throws -> Form { try await once.form(of: self) }

    /// Path and query, to come back to after signing in.
    var returnPath: String {
        let path = request.uri.path
        guard let query = request.uri.query, !query.isEmpty else { return path }
        return "\(path)?\(query)"
    }

    func parameter(_ name: String) -> String {
        let text = context.parameters.get(name) ?? ""
        return StreamSafeText.isSafe(text) ? text : ""
    }
}

/// A request of a signed-in person: a handler that takes one cannot be reached without a session.
struct PersonCall: Sendable {
    let call: Call
    let view: SessionView
    let now: UnixTime

    /// Whether the session showed a second factor within the last minutes.
    var hasFreshFactor: Bool { view.session.freshProof(at: now) == .secondFactor }

    var actor: Actor {
        .person(
            view.user.id,
            session: view.session.digest,
            address: call.source.address
        )
    }
}

/// A body can be read once from the wire; whoever asks again gets the same form.
private final class BodyOnce: Sendable {
    private let read = Mutex<Form?>(nil)

    func form(of call: Call) async throws -> Form {
        if let form = read.withLock({ $0 }) { return form }
        let form = try await Form.read(call)
        read.withLock { $0 = form }
        return form
    }
}
