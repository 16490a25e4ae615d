import Accounts
import Credentials
import HTTPTypes
import Hummingbird
import OneTimePassword
import Secrets
import SignIn

/// 1 of 6 in the walk of a request: the address, what was typed, and the page that answers.
///
/// `/sign-in` and its steps. What may happen is decided by the machine; this file reads forms and draws pages.
struct SignInRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/sign-in", web, show)
        router.open(.post, "/sign-in", web, submit)
        router.open(.get, "/sign-in/token", web, showToken)
        router.open(.post, "/sign-in/token", web, submitToken)
        router.open(.get, "/sign-in/password", web, showPassword)
        router.open(.post, "/sign-in/password", web, submitPassword)
        router.open(.get, "/sign-out", web, confirmSignOut)
        router.open(.post, "/sign-out", web, signOut)
    }

    // MARK: Login and password

    private func show(_ call: Call) async throws -> Response {
        let returnTo = LocalPath.afterSignIn(call.query["return_to"])
        if try await web.liveSession(call) != nil { return web.redirect(returnTo) }
        return page(call, .ok, login: "", returnTo: returnTo, [])
    }

    private func submit(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let returnTo = LocalPath.afterSignIn(form["return_to"])
        let typed = form.one("login")
        let password = form.one("password")
        guard let login = Login(typed), !password.isEmpty else {
            let shown = typed.utf8.count <= Login.maximumLength ? typed : ""
            return page(call, .unprocessableContent, login: shown, returnTo: returnTo, [.credentialsRefused])
        }
        guard password.utf8.count <= PasswordPolicy.maximumBytes else {
            _ = try await web.services.signIn.refuseUnreadablePassword(.login(login), source: call.source)
            return page(call, .unprocessableContent, login: typed, returnTo: returnTo, [.credentialsRefused])
        }
        let answer = try await web.services.signIn.submitPassword(
            login: login,
            password: Password(utf8: password),
            returnTo: returnTo,
            source: call.source
        )
        return try await next(call, answer) { status, message in
            page(call, status, login: typed, returnTo: returnTo, [message])
        }
    }

    private func page(
        _ call: Call,
        _ status: HTTPResponse.Status,
        login: String,
        returnTo: String,
        _ messages: [PublicMessage]
    ) -> Response {
        var fields: Fields = ["returnTo": returnTo]
        if !login.isEmpty { fields["login"] = login }
        return web.card(call, status, title: "Log In", "sign_in", fields, messages: messages)
    }

    // MARK: Token

    private func showToken(_ call: Call) async throws -> Response {
        guard let view = try await attempt(call, in: [.token]) else { return try await elsewhere(call) }
        return tokenPage(call, .ok, view, [])
    }

    private func submitToken(_ call: Call) async throws -> Response {
        let form = try await call.form()
        guard let token = web.cookies.token(.attempt, in: call.request) else { return startAgain() }
        let answer = try await web.services.signIn.submitToken(
            attempt: token,
            typed: form.one("token"),
            source: call.source
        )
        // Read only now, since whoever typed a right one sees no page of this attempt any more.
        var view: AttemptView?
        switch answer.outcome {
        case .signedIn, .proceed: break
        case .attemptExpired:
            let others = AttemptStage.allCases.filter { $0 != .token }
            if let elsewhere = try await attempt(call, in: others) {
                return web.redirect(path(of: elsewhere.attempt.stage))
            }
        default: view = try await attempt(call, in: [.token])
        }
        return try await next(call, answer) { status, message in
            guard let view else { return startAgain() }
            let isCode = message.code == "token_refused" && typesRecoveryCode(call)
            return tokenPage(call, status, view, [isCode ? .recoveryCodeRefused : message], typed: form.one("token"))
        }
    }

    /// The same field takes both; the page and its refusal speak of the one that the person chose.
    private func typesRecoveryCode(_ call: Call) -> Bool { call.query["with"] == "recovery-code" }

    private func tokenPage(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ view: AttemptView,
        _ messages: [PublicMessage],
        typed: String = ""
    ) -> Response {
        var fields: Fields = [
            "ringClass": Ring.name(at: web.services.now), "attemptLogin": view.subject.user.login,
            "isRecovery": typesRecoveryCode(call),
            "recoveryHref": "/sign-in/token?with=recovery-code",
        ]
        if status == .unprocessableContent { fields["tokenError"] = todo(call, typed) }
        return web.card(
            call,
            status,
            title: "Two Factor Authentication",
            "sign_in_token",
            fields,
            messages: messages,
            accountName: view.subject.account.name
        )
    }

    /// Beside the field; the alert above the form says what is wrong.
    private func todo(_ call: Call, _ typed: String) -> String {
        if typesRecoveryCode(call) { return "Type another one, or check this one." }
        return OneTimeCode(typed) == nil ? "A token has six digits." : "Type the next one."
    }

    // MARK: New password

    private func showPassword(_ call: Call) async throws -> Response {
        guard let view = try await attempt(call, in: [.newPassword]) else { return try await elsewhere(call) }
        return passwordPage(call, .ok, view, nil)
    }

    private func submitPassword(_ call: Call) async throws -> Response {
        let form = try await call.form()
        guard let token = web.cookies.token(.attempt, in: call.request),
            let view = try await attempt(call, in: [.newPassword])
        else { return try await elsewhere(call) }
        let answer = try await web.services.signIn.submitNewPassword(
            attempt: token,
            password: form.one("new_password"),
            again: form.one("new_password_again"),
            source: call.source
        )
        switch answer {
        case .refused(let refusal): return passwordPage(call, .unprocessableContent, view, refusal)
        case .answer(let answer):
            return try await next(call, answer) { status, message in
                // Refused without a form to draw again: nothing but the message and a way on.
                let fields: Fields = [
                    "heading": "New password", "nextHref": "/sign-in/password", "nextLabel": "Try again",
                ]
                return web.card(call, status, title: "New password", "error", fields, messages: [message])
            }
        }
    }

    private func passwordPage(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ view: AttemptView,
        _ refusal: PasswordRefusal?
    ) -> Response {
        var fields: Fields = [
            "attemptLogin": view.subject.user.login, "passwordHelp": PublicMessage.passwordHelp,
            "reason": "Your password has to be replaced before you go on.",
        ]
        var messages: [PublicMessage] = [.passwordExpired]
        if let refusal {
            fields[refusal == .notRepeated ? "newPasswordAgainError" : "newPasswordError"] =
                PublicMessage.todo(refusal)
            messages = [.passwordRefused(refusal)]
        }
        return web.card(
            call,
            status,
            title: "New password",
            "sign_in_password",
            fields,
            messages: messages,
            accountName: view.subject.account.name
        )
    }

    // MARK: Signing out

    private func confirmSignOut(_ call: Call) async throws -> Response {
        guard let view = try await web.liveSession(call) else { return web.redirect("/sign-in") }
        return Confirmation(
            heading: "Log out?",
            sentence: "You are logged in as \(view.user.login).",
            action: "/sign-out",
            confirmLabel: "Log Out",
            cancelHref: "/"
        ).page(web, PersonCall(call: call, view: view, now: web.services.now), at: .none)
    }

    private func signOut(_ call: Call) async throws -> Response {
        try await endSession(call)
        if let token = web.cookies.token(.attempt, in: call.request) {
            let now = web.services.now
            try await web.services.ceremony.store.endAttempt(token.digest, source: call.source, at: now)
        }
        return web.redirect(
            "/sign-in",
            cookies: [web.cookies.clear(.session), web.cookies.clear(.attempt)],
            notice: .signedOut
        )
    }
}
