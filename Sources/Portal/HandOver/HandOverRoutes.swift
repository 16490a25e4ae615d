import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// `/applications/hand-over?application=…&nonce=…&to=…`: what an application's host asks the portal for.
struct HandOverAddress: Sendable {
    static let path = "/applications/hand-over"

    let application: Application.ID
    /// The digest of what the browser holds on the application's host; the value itself never stands in an address.
    let nonce: TokenDigest
    let returnTo: String
    /// A form led here, so that the answer must be a page: a form's redirects may not leave this origin.
    var followsForm = false

    init(application: Application.ID, nonce: TokenDigest, returnTo: String) {
        self.application = application
        self.nonce = nonce
        // The whole address becomes the place to come back to after signing in, and that may not be long.
        self.returnTo = LocalPath.queryValue(returnTo).utf8.count <= 1_600 ? returnTo : "/"
    }

    init?(_ query: Form) {
        guard let application = Application.ID(query.one("application")),
            let bytes = Base64.url.decode(query.one("nonce").utf8), let nonce = TokenDigest(bytes: bytes),
            let returnTo = LocalPath.checked(query.one("to"))
        else { return nil }
        self.init(application: application, nonce: nonce, returnTo: returnTo)
        followsForm = query.one("after") == "sign-in"
    }

    var text: String {
        "\(Self.path)?application=\(application)&nonce=\(Base64.url.encode(nonce.bytes))"
            + "&to=\(LocalPath.queryValue(returnTo))" + (followsForm ? "&after=sign-in" : "")
    }
}

/// The portal's half of the hand-over: from a portal session to a ticket for one application.
struct HandOverRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/applications/hand-over", web, show)
        router.page(.post, "/applications/hand-over", web, signInAgain)
    }

    private func show(_ call: Call) async throws -> Response {
        guard var address = HandOverAddress(call.query) else { throw PageError.formRefused }
        guard try await web.liveSession(call) != nil else {
            // Whoever has to sign in comes back by a form.
            address.followsForm = true
            let path = address.text
            // Also a session that has to set up two-factor first: the ordinary door knows what to do with it.
            guard LocalPath.checked(path) != nil else { throw PageError.formRefused }
            return try await web.person(call.request, call.context, returnTo: path) { try await handOver($0, address) }
        }
        let wanted = address
        return try await web.person(call.request, call.context) { try await handOver($0, wanted) }
    }

    private func handOver(_ person: PersonCall, _ address: HandOverAddress) async throws -> Response {
        let view = person.view
        let store = web.services.gatekeeper.store
        guard
            let application = try await store.applications(view.account.id).first(where: {
                $0.id == address.application
            })
        else { throw PageError.notFound }
        let roles = try await store.roles(of: view.user.id)
        if let refusal = refusal(view, roles, application, address) {
            return refused(person, application, refusal)
        }
        let now = web.services.now
        if let end = application.end(of: view.session), end <= now { return askAgain(person, application, address) }
        let ticket = BearerToken(kind: .handOverTicket, random: web.services.ceremony.random)
        let isIssued = try await store.issue(
            HandOverTicket(
                digest: ticket.digest,
                applicationID: application.id,
                accountID: view.account.id,
                portalSessionID: view.session.id,
                userID: view.user.id,
                nonce: address.nonce,
                returnTo: address.returnTo,
                origin: application.origin.text,
                expiresAt: now + HandOverTicket.lifetimeSeconds
            ),
            by: view.session.digest
        )
        guard isIssued else { throw SessionEnded() }
        let target = "\(application.origin.text)\(ApplicationHostRoutes.base)callback?ticket=\(ticket.text)"
        guard address.followsForm else { return web.redirect(target) }
        let fields: Fields = [
            "destinationName": application.name, "destinationHref": target,
            "destinationOrigin": application.origin.text,
        ]
        return web.card(
            person.call,
            title: "You are logged in",
            "link_out",
            fields,
            accountName: view.account.name,
            refreshTo: target
        )
    }

    private func refusal(
        _ view: SessionView,
        _ roles: [Role.ID: String],
        _ application: Application,
        _ address: HandOverAddress
    ) -> AccessReason? {
        var assurance = application.assurance
        if case .success(let requirement) = AccessRules.requirement(address.returnTo, in: application),
            case .session(let needed) = requirement.need
        {
            assurance = needed
        }
        let reason = AccessRules.judge(view, roles: roles.keys, in: application, needs: assurance)
        return reason == .session ? nil : reason
    }

    private func refused(_ person: PersonCall, _ application: Application, _ reason: AccessReason) -> Response {
        let message = PublicMessage(
            reason == .twoFactorMissing ? "two_factor_required" : "access_denied",
            reason.sentence,
            .danger
        )
        let fields: Fields = [
            "heading": "\(application.name) is not open to you", "sentence": message.text, "code": message.code,
            "nextHref": reason == .twoFactorMissing ? "/accounts/details#two-factor" : "/launch",
            "nextLabel": reason == .twoFactorMissing ? "Set up two factor authentication" : "Your applications",
            "operationID": person.call.context.operationID,
        ]
        return web.portal(person, .forbidden, title: "Access denied", at: .launch, "error", fields)
    }

    // MARK: A sign-in that is too old for this application

    private func askAgain(_ person: PersonCall, _ application: Application, _ address: HandOverAddress) -> Response {
        var again = address
        again.followsForm = true
        let hours = application.sessionHours ?? 0
        var fields = Confirmation(
            heading: "Log in again for \(application.name)",
            sentence: "\(application.name) asks for a sign-in of the last \(hours == 1 ? "hour" : "\(hours) hours").",
            consequences: ["You are logged out here and in every other application, and log in again at once."],
            action: HandOverAddress.path,
            confirmLabel: "Log in again",
            cancelHref: "/launch"
        ).fields
        fields["hiddenFields"] = [["hiddenName": "return_to", "hiddenValue": again.text]]
        return web.portal(person, title: "Log in again", at: .launch, "confirm", fields)
    }

    private func signInAgain(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        let path = LocalPath.afterSignIn(form.one("return_to"))
        guard path.hasPrefix(HandOverAddress.path) else { throw PageError.formRefused }
        _ = try await web.services.own.run(person.view.session, .signOut, source: person.call.source)
        return web.redirect(
            "/sign-in?return_to=\(LocalPath.queryValue(path))",
            cookies: [web.cookies.clear(.session)]
        )
    }
}
