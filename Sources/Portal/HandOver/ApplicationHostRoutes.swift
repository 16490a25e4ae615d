import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// What the portal answers on an application's own host, under `/_countersign/`: the way in and the way out.
///
/// A cookie that is set here belongs to that host alone, so that an application which reads it can be nobody elsewhere.
struct ApplicationHostRoutes: Sendable {
    static let base = "/_countersign/"
    /// Long enough to sign in, with a new phone to set up on the way.
    private static let nonceSeconds = 3_600

    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/_countersign/start", web, start)
        router.open(.get, "/_countersign/callback", web, callback)
        router.open(.get, "/_countersign/sign-out", web, confirmSignOut)
        router.open(.post, "/_countersign/sign-out", web, signOut)
        router.open(.get, "/_countersign/refused", web, refused)
        router.get("/_countersign/static/:name") { [web] _, context in
            try OperationsRoutes.file(web, context.parameters.get("name") ?? "")
        }
    }

    // MARK: Whose host this is

    private func application(_ call: Call) async throws -> Application {
        guard ForwardAuthDoor(web: web).isTrusted(call.context.peer) else { throw PageError.untrustedProxy }
        let fields = ForwardAuthCall(call.request.headers).fields
        let origin: Origin?
        do {
            origin = try fields.hostOrigin()
        } catch .conflicting {
            throw PageError.describedTwice
        } catch .incomplete {
            throw PageError.unknownApplication(nil)
        }
        if let origin {
            guard let found = try await web.services.gatekeeper.application({ $0[origin] }) else {
                throw PageError.unknownApplication(origin)
            }
            return found
        }
        guard let host = fields.host ?? call.request.head.authority, fields.proto == nil,
            let found = try await web.services.gatekeeper.application({ $0.application(authority: host) })
        else { throw PageError.unknownApplication(nil) }
        return found
    }

    private func cookies(_ application: Application) -> ApplicationCookies {
        ApplicationCookies(isHTTPS: application.origin.isHTTPS)
    }

    // MARK: In

    private func start(_ call: Call) async throws -> Response {
        let application = try await application(call)
        let cookies = cookies(application)
        let held = cookies.value(cookies.nonceName, in: call.request.headers)
            .flatMap { BearerToken(kind: .handOverNonce, text: $0) }
        // Two tabs that start together go on with the same one.
        let nonce = held ?? BearerToken(kind: .handOverNonce, random: web.services.ceremony.random)
        let address = HandOverAddress(
            application: application.id,
            nonce: nonce.digest,
            returnTo: Self.returnPath(call.query["to"])
        )
        return web.redirect(
            web.configuration.publicURL.origin + address.text,
            cookies: [cookies.set(cookies.nonceName, nonce.text, seconds: Self.nonceSeconds)]
        )
    }

    private static func returnPath(_ text: String) -> String {
        guard let path = LocalPath.checked(text), !path.hasPrefix(base) else { return "/" }
        return path
    }

    private func callback(_ call: Call) async throws -> Response {
        let application = try await application(call)
        let cookies = cookies(application)
        let again = "\(Self.base)start?to=%2F"
        guard let ticket = BearerToken(kind: .handOverTicket, text: call.query.one("ticket")) else {
            return page(call, .gone, application, PageError.spentTicket, next: (again, "Open \(application.name)"))
        }
        // Without a nonce of its own the browser is another one; the ticket is spent all the same.
        let nonce =
            cookies.value(cookies.nonceName, in: call.request.headers)
            .flatMap { BearerToken(kind: .handOverNonce, text: $0) }
            ?? BearerToken(kind: .handOverNonce, random: web.services.ceremony.random)
        let session = BearerToken(kind: .applicationSession, random: web.services.ceremony.random)
        let replaced = cookies.value(cookies.sessionName, in: call.request.headers)
            .flatMap { BearerToken(kind: .applicationSession, text: $0) }
        let redemption = try await web.services.gatekeeper.store.redeem(
            HandOverCallback(
                ticket: ticket.digest,
                nonce: nonce.digest,
                application: application.id,
                sessionID: ApplicationSession.ID(random: web.services.ceremony.random),
                sessionDigest: session.digest,
                replaced: replaced?.digest,
                address: call.source.address
            ),
            at: web.services.now
        )
        switch redemption {
        case .opened(let returnTo):
            return web.redirect(
                Self.returnPath(returnTo),
                cookies: [cookies.set(cookies.sessionName, session.text), cookies.clear(cookies.nonceName)]
            )
        case .refused(let refusal):
            let isSpent = refusal == .unknown || refusal == .expired || refusal == .sessionEnded
            return page(
                call,
                isSpent ? .gone : .forbidden,
                application,
                isSpent ? .spentTicket : .foreignTicket,
                next: (again, "Open \(application.name)")
            )
        }
    }

    // MARK: Out

    private func confirmSignOut(_ call: Call) async throws -> Response {
        let application = try await application(call)
        let fields: Fields = ["applicationName": application.name, "action": "\(Self.base)sign-out"]
        return web.hostCard(call.context, .ok, title: "Log out?", "host_sign_out", fields)
    }

    private func signOut(_ call: Call) async throws -> Response {
        let application = try await application(call)
        guard isOwn(call.request, application) else { throw PageError.crossSite(application.origin.text) }
        let cookies = cookies(application)
        if let token = cookies.value(cookies.sessionName, in: call.request.headers)
            .flatMap({ BearerToken(kind: .applicationSession, text: $0) }),
            let visit = try await web.services.gatekeeper.store.visit(token.digest),
            // A cookie knows no ports: it may be another application's on the host.
            visit.session.applicationID == application.id
                || Origin(visit.session.origin)?.host == application.origin.host
        {
            // Everything that hangs on the same sign-in ends with it; else one click would lead in again.
            _ = try await web.services.own.run(visit.portal.session, .signOut, source: call.source)
        }
        let fields: Fields = [
            "applicationName": application.name, "nextHref": "\(Self.base)start?to=%2F",
        ]
        return web.hostCard(
            call.context,
            .ok,
            title: "Logged out",
            "host_signed_out",
            fields,
            cookies: [cookies.clear(cookies.sessionName), cookies.clear(cookies.nonceName)]
        )
    }

    private func isOwn(_ request: Request, _ application: Application) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        guard let sent = request.headers[.origin] else { return true }
        return Origin(sent) == application.origin
    }

    // MARK: No

    /// For a proxy that shows a page of its own in place of ours: the reason of the decision that it was told of.
    private func refused(_ call: Call) async throws -> Response {
        let application = try await application(call)
        guard let record = web.services.decisions.record(named: call.query["operation"]),
            record.application?.id == application.id
        else {
            return page(call, .forbidden, application, .refusedByApplication, next: ("/", "Try again"))
        }
        return web.html(.forbidden, web.refusedPage(record))
    }

    private func page(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ application: Application,
        _ error: PageError,
        next: (href: String, label: String)
    ) -> Response {
        let fields: Fields = [
            "heading": error.heading, "code": error.message.code, "sentence": error.message.text,
            "nextHref": next.href, "nextLabel": next.label, "operationID": call.context.operationID,
        ]
        return web.hostCard(call.context, status, title: error.heading, "error", fields)
    }
}

extension PageError {
    static let untrustedProxy = PageError(
        .forbidden,
        PublicMessage(
            "access_denied",
            "This was not sent by a proxy that COUNTERSIGN_TRUSTED_PROXIES names, so the portal cannot know which "
                + "application it belongs to.",
            .danger
        ),
        heading: "Not through a trusted proxy"
    )
    static let describedTwice = PageError(
        .forbidden,
        PublicMessage("access_denied", AccessReason.conflictingDescription.sentence, .danger),
        heading: "Access denied"
    )
    static func unknownApplication(_ origin: Origin?) -> PageError {
        PageError(
            .notFound,
            PublicMessage(
                "not_found",
                "The portal has no application with the address \(origin?.text ?? "of this page"). An Account Admin can "
                    + "add it under Applications; the origin must be exactly this one.",
                .danger
            ),
            heading: "No application has this address"
        )
    }
    static let spentTicket = PageError(
        .gone,
        PublicMessage("not_found", "It is good once and for half a minute. Open the application again.", .danger),
        heading: "This way in is no longer good"
    )
    static let foreignTicket = PageError(
        .forbidden,
        PublicMessage(
            "access_denied",
            "It was made for another browser or another application. Open the application again.",
            .danger
        ),
        heading: "This way in is not yours"
    )
    static let refusedByApplication = PageError(
        .forbidden,
        PublicMessage("access_denied", "The portal refused this request.", .danger),
        heading: "Access denied"
    )
}

extension Web {
    /// A card on an application's host, where style and script come from under `/_countersign/`.
    func hostCard(
        _ context: PortalContext?,
        _ status: HTTPResponse.Status,
        title: String,
        _ template: String,
        _ fields: Fields,
        cookies setCookies: [String] = []
    ) -> Response {
        html(status, hostText(title: title, template, fields), cookies: setCookies)
    }

    private func hostText(title: String, _ template: String, _ fields: Fields) -> String {
        pages.page(
            "layout_card",
            title: title,
            content: template,
            fields,
            layoutFields: ["isWide": false],
            messages: [],
            operationID: nil,
            staticBase: "\(ApplicationHostRoutes.base)static"
        )
    }

    /// Why somebody was refused, in words for them.
    func refusedPage(_ record: DecisionLog.Record) -> String {
        let name = services.decisions.name(record.id)
        let reason = record.decision.reason
        var fields: Fields = [
            "heading": "Access denied", "code": reason.code, "sentence": reason.sentence, "operationID": name,
            "whyHref": "\(configuration.publicURL.origin)/applications/why?operation=\(name)",
        ]
        if let application = record.application {
            fields["applicationName"] = application.name
            if reason == .twoFactorMissing {
                fields["nextHref"] = "\(configuration.publicURL.origin)/accounts/details#two-factor"
                fields["nextLabel"] = "Set up two factor authentication"
            }
        }
        return hostText(title: "Access denied", "host_refused", fields)
    }
}
