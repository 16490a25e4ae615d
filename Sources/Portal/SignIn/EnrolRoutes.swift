import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// `/sign-in/enrol` and `/sign-in/recovery-codes`: two-factor is required and not configured yet.
struct EnrolRoutes: Sendable {
    let web: Web
    private var steps: SignInRoutes { SignInRoutes(web: web) }

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/sign-in/enrol", web, show)
        router.open(.post, "/sign-in/enrol", web, submit)
        router.open(.get, "/sign-in/enrol/new-secret", web, confirmNewSecret)
        router.open(.post, "/sign-in/enrol/new-secret", web, renew)
        router.page(.get, "/sign-in/recovery-codes", web, showCodes)
        router.page(.post, "/sign-in/recovery-codes", web, keepCodes)
    }

    // MARK: The panel

    private func show(_ call: Call) async throws -> Response {
        guard let token = web.cookies.token(.attempt, in: call.request),
            let view = try await steps.attempt(call, in: [.enrolment, .enrolmentPassword])
        else { return try await steps.elsewhere(call) }
        if view.attempt.stage == .enrolmentPassword { return passwordPage(call, .ok, view, []) }
        let answer = try await web.services.signIn.openEnrolment(attempt: token, source: call.source)
        guard case .showEnrolment(let pending) = answer.outcome else { return steps.startAgain() }
        return try panelPage(call, .ok, view, pending, typed: nil, refusal: nil)
    }

    private func submit(_ call: Call) async throws -> Response {
        let form = try await call.form()
        guard let token = web.cookies.token(.attempt, in: call.request),
            let view = try await steps.attempt(call, in: [.enrolment, .enrolmentPassword])
        else { return try await steps.elsewhere(call) }
        if view.attempt.stage == .enrolmentPassword { return try await submitPassword(call, form, token, view) }
        let answer = try await web.services.signIn.submitPair(
            attempt: token,
            first: form.one("token1"),
            second: form.one("token2"),
            source: call.source
        )
        switch answer.outcome {
        case .pairRefused(let judgement, let pending):
            SignInCounter.count(answer.outcome)
            let message = PublicMessage.pairRefused(judgement)
            return try panelPage(call, .unprocessableContent, view, pending, typed: form, refusal: message)
        case .showEnrolment(let pending):
            // The secret had expired: a new one, and nothing was judged.
            return try panelPage(call, .unprocessableContent, view, pending, typed: nil, refusal: nil)
        default:
            return try await steps.next(call, answer) { status, message in
                // Refused without a form to draw again: nothing but the message and a way on.
                let fields: Fields = [
                    "heading": "Two Factor Authentication", "nextHref": "/sign-in/enrol", "nextLabel": "Try again",
                ]
                return web.card(call, status, title: "Two Factor Authentication", "error", fields, messages: [message])
            }
        }
    }

    private func panelPage(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ view: AttemptView,
        _ pending: PendingEnrolment,
        typed: Form?,
        refusal: PublicMessage?
    ) throws -> Response {
        let panel = EnrolmentPanel(pending: pending, user: view.subject.user, account: view.subject.account)
        var fields = try panel.fields(web, action: "/sign-in/enrol", cancel: nil, typed: typed, refusal: refusal)
        fields["attemptLogin"] = view.subject.user.login
        fields["needsPassword"] = false
        return web.card(
            call,
            status,
            title: "Set up Two Factor Authentication",
            "sign_in_enrol",
            fields,
            messages: (refusal.map { [$0] } ?? [.twoFactorRequired])
                + (pending.seenElsewhere(than: view.attempt.id).map { [.secretSeenElsewhere($0)] } ?? []),
            accountName: view.subject.account.name,
            isWide: true
        )
    }

    // MARK: Another secret, when somebody else has seen this one

    private func confirmNewSecret(_ call: Call) async throws -> Response {
        guard let view = try await steps.attempt(call, in: [.enrolment]) else { return try await steps.elsewhere(call) }
        let confirmation = Confirmation(
            heading: "Take a new secret?",
            sentence: "The secret of now becomes void. If your app has it already, delete it there and scan again.",
            action: "/sign-in/enrol/new-secret",
            confirmLabel: "Take a new secret",
            cancelHref: "/sign-in/enrol"
        )
        return web.card(
            call,
            title: confirmation.heading,
            "confirm",
            confirmation.fields,
            accountName: view.subject.account.name
        )
    }

    private func renew(_ call: Call) async throws -> Response {
        guard let token = web.cookies.token(.attempt, in: call.request),
            try await steps.attempt(call, in: [.enrolment]) != nil
        else { return try await steps.elsewhere(call) }
        _ = try await web.services.signIn.renewEnrolment(attempt: token, source: call.source)
        return web.redirect("/sign-in/enrol")
    }

    // MARK: The password first, when an open session was diverted

    private func submitPassword(
        _ call: Call,
        _ form: Form,
        _ token: BearerToken,
        _ view: AttemptView
    ) async throws -> Response {
        let password = form.one("password")
        guard !password.isEmpty else { return passwordPage(call, .unprocessableContent, view, [.wrongOwnPassword]) }
        guard password.utf8.count <= PasswordPolicy.maximumBytes else {
            let query = SubjectQuery.attempt(token.digest)
            _ = try await web.services.signIn.refuseUnreadablePassword(query, source: call.source)
            return passwordPage(call, .unprocessableContent, view, [.wrongOwnPassword])
        }
        let answer = try await web.services.signIn.submitPassword(
            attempt: token,
            password: Password(utf8: password),
            source: call.source
        )
        return try await steps.next(call, answer) { status, message in
            let shown = message.code == "credentials_refused" ? .wrongOwnPassword : message
            return passwordPage(call, status, view, [shown])
        }
    }

    private func passwordPage(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ view: AttemptView,
        _ messages: [PublicMessage]
    ) -> Response {
        var fields: Fields = ["attemptLogin": view.subject.user.login, "needsPassword": true]
        if messages.first?.code == "credentials_refused" { fields["passwordError"] = PublicMessage.typeAgain }
        return web.card(
            call,
            status,
            title: "Set up Two Factor Authentication",
            "sign_in_enrol",
            fields,
            messages: messages.isEmpty ? [.twoFactorRequired] : messages,
            accountName: view.subject.account.name
        )
    }

    // MARK: Recovery codes

    private func showCodes(_ person: PersonCall) async throws -> Response {
        try await codesPage(person, .ok, refused: false)
    }

    private func keepCodes(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard form["kept"] == "on" else { return try await codesPage(person, .unprocessableContent, refused: true) }
        _ = try await web.services.own.run(person.view.session, .keepRecoveryCodes, source: person.call.source)
        return web.redirect(target(person))
    }

    private func codesPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        refused: Bool
    ) async throws -> Response {
        guard person.view.session.methods.passedTwoFactor,
            let own = try await web.services.ceremony.store.ownView(person.view.session.id),
            !own.unkeptRecoveryCodes.isEmpty
        else { return web.redirect(target(person)) }
        guard person.hasFreshFactor else { return ConfirmRoutes.redirect(web, to: "/own/recovery-codes") }
        let action = "/sign-in/recovery-codes?return_to=\(LocalPath.queryValue(target(person)))"
        return web.card(
            person.call,
            status,
            title: "Recovery codes",
            "recovery_codes",
            RecoveryCodesPage.fields(own, action: action, refused: refused, web: web),
            messages: [.twoFactorConfigured] + (refused ? [.keepCodesFirst] : []),
            accountName: person.view.account.name,
            isWide: true
        )
    }

    private func target(_ person: PersonCall) -> String { LocalPath.afterSignIn(person.call.query["return_to"]) }
}

extension PublicMessage {
    static func secretSeenElsewhere(_ address: String) -> PublicMessage {
        PublicMessage(
            "secret_seen_elsewhere",
            "This secret was also shown to another browser\(address.isEmpty ? "" : ", at \(address)"). "
                + "If that was not you, take a new one, and change your password once you are in.",
            .caution,
            link: ("/sign-in/enrol/new-secret", "Take a new secret")
        )
    }

    static let wrongOwnPassword = PublicMessage("credentials_refused", "The password is not right.", .danger)
}
