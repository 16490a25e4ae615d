import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// The session ended while its request was under way.
struct SessionEnded: Error {}

/// The door of every portal page: without a live session that passed what its account asks for, no handler runs.
extension Web {
    /// - Parameters:
    ///   - tab: the tab that the page belongs to; nil for one's own pages, which need no permission.
    ///   - level: what the role must allow there.
    ///   - returnTo: where to come back to after signing in, where that is not the address itself.
    func person(
        _ request: Request,
        _ context: PortalContext,
        tab: Tab? = nil,
        level: AccessLevel = .view,
        returnTo: String? = nil,
        _ handler: (PersonCall) async throws -> Response
    ) async throws -> Response {
        let call = try call(request, context)
        guard let token = cookies.token(.portalSession, in: request),
            let view = try await services.ceremony.store.sessionView(token.digest)
        else { return signInFirst(call, returnTo) }
        let now = services.now
        switch SessionGate.verdict(view, at: now) {
        case .ended: return signInFirst(call, returnTo)
        case .divert: return try await divert(call, view, returnTo)
        case .open: break
        }
        if view.session.lastSeenAt + SessionGate.touchSeconds <= now {
            try await services.ceremony.store.touchSession(view.session.id, at: now)
        }
        if let tab, view.permissions[tab] < level { throw PageError.accessDenied }
        let person = PersonCall(call: call, view: view, now: now)
        do {
            return try await handler(person)
        } catch let required as ProofRequired {
            return try await askForProof(person, required)
        } catch is SessionEnded {
            // Without a word to the browser's cookie: a new one may be on its way.
            return redirect("/sign-in")
        }
    }

    private func signInFirst(_ call: Call, _ returnTo: String?) -> Response {
        guard [.get, .head].contains(call.request.method), let path = LocalPath.checked(returnTo ?? call.returnPath)
        else { return redirect("/sign-in") }
        return redirect("/sign-in?return_to=\(LocalPath.queryValue(path))")
    }

    /// The account asks for two-factor now and this session has none: enrolment takes its place (S-37).
    private func divert(_ call: Call, _ view: SessionView, _ returnTo: String?) async throws -> Response {
        let wanted = call.request.method == .get ? LocalPath.afterSignIn(returnTo ?? call.returnPath) : ""
        guard let token = try await services.signIn.divert(view, returnTo: wanted, source: call.source) else {
            return redirect("/sign-in", cookies: [cookies.clear(.session)])
        }
        return redirect(
            "/sign-in/enrol",
            cookies: [cookies.clear(.session), cookies.set(.attempt, token.text)]
        )
    }
}

extension Router<PortalContext> {
    /// A page for signed-in people.
    func page(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        _ web: Web,
        tab: Tab? = nil,
        level: AccessLevel = .view,
        _ handler: @escaping @Sendable (PersonCall) async throws -> Response
    ) {
        on(path, method: method) { request, context in
            try await web.person(request, context, tab: tab, level: level, handler)
        }
    }

    /// A page for whoever comes.
    func open(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        _ web: Web,
        _ handler: @escaping @Sendable (Call) async throws -> Response
    ) {
        on(path, method: method) { request, context in try await handler(try web.call(request, context)) }
    }
}
