import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// One's own login: the same pages under Accounts > Details (by role) and under `/own` (for everybody).
struct OwnRoutes: Sendable {
    let web: Web
    let home: Home

    /// Where the pages hang.
    enum Home: Sendable {
        case details, own

        var base: String { self == .details ? "/accounts/details" : "/own" }
        var tab: Tab? { self == .details ? .accounts : nil }
        var place: Place { self == .details ? .details : .none }
        var title: String { self == .details ? "Details" : "Your login" }
        var backLabel: String { self == .details ? "Details" : "your own page" }
    }

    var base: String { home.base }

    func add(to router: Router<PortalContext>) {
        page(router, .get, "", show)
        page(router, .post, "/profile", saveProfile)
        page(router, .post, "/password", changePassword)
        page(router, .post, "/two-factor/enable", enable)
        page(router, .get, "/two-factor", showPanel)
        page(router, .post, "/two-factor", submitPair)
        page(router, .post, "/two-factor/cancel", cancel)
        page(router, .post, "/two-factor/remove", remove)
        page(router, .get, "/recovery-codes", showCodes)
        page(router, .post, "/recovery-codes", keepCodes)
        page(router, .post, "/recovery-codes/replace", replaceCodes)
        page(router, .get, "/sessions", showSessions)
        page(router, .post, "/sessions/end-others", endOthers)
        page(router, .post, "/sessions/:id/end", endSession)
        // Opened as a page, what takes a form of the page above it shows that page.
        for path in ["/profile", "/password", "/two-factor/enable", "/two-factor/remove", "/recovery-codes/replace"] {
            page(router, .get, path, show)
        }
        page(router, .get, "/two-factor/cancel", confirmCancel)
        page(router, .get, "/sessions/end-others", confirmEndOthers)
        page(router, .get, "/sessions/:id/end", confirmEndSession)
        switch home {
        case .details:
            router.page(.post, "/accounts/details/account", web, tab: .accounts, level: .manage, saveAccount)
            page(router, .get, "/account", show)
        case .own:
            page(router, .get, "/new-phone", showNewPhone)
        }
    }

    private func page(
        _ router: Router<PortalContext>,
        _ method: HTTPRequest.Method,
        _ path: String,
        _ handler: @escaping @Sendable (PersonCall) async throws -> Response
    ) {
        router.page(method, RouterPath(base + path), web, tab: home.tab, handler)
    }

    func own(_ person: PersonCall) async throws -> OwnView {
        guard let own = try await web.services.ceremony.store.ownView(person.view.session.id) else {
            throw PageError.notFound
        }
        return own
    }

    // MARK: The page

    private func show(_ person: PersonCall) async throws -> Response {
        try await show(person, .ok)
    }

    func show(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        messages: [PublicMessage] = [],
        _ extra: Fields = [:]
    ) async throws -> Response {
        let own = try await own(person)
        var fields = OwnFields(own: own, view: person.view, home: home, now: web.services.now).all
        fields["offersTokens"] = try await hasAPITokens(person)
        fields.merge(extra) { $1 }
        var messages = messages
        if status == .ok, !own.unkeptRecoveryCodes.isEmpty {
            messages.append(
                PublicMessage(
                    "recovery_codes_waiting",
                    "Your recovery codes wait to be kept.",
                    .caution,
                    link: ("\(base)/recovery-codes", "Show them")
                )
            )
        }
        return web.portal(
            person,
            status,
            title: home.title,
            at: home.place,
            home == .details ? "details" : "own",
            fields,
            messages: messages
        )
    }

    // MARK: Profile and account

    /// Read-only access to the tab lets one enrol and nothing else (S-28a); `/own` is for everybody.
    private func mayEdit(_ person: PersonCall) throws {
        guard home == .own || person.view.permissions.accounts == .manage else { throw PageError.accessDenied }
    }

    private func saveProfile(_ person: PersonCall) async throws -> Response {
        try mayEdit(person)
        let form = try await person.call.form()
        var errors: Fields = ["name": form["name"], "email": form["email"]]
        let name = PersonText(form["name"], allowsEmpty: true)
        let email = PersonText.email(form["email"])
        if name == nil { errors["nameError"] = "Use at most 100 characters and no control characters." }
        if email == nil { errors["emailError"] = "This is no e-mail address." }
        guard let name, let email else {
            return try await show(person, .unprocessableContent, messages: [.formRefused], errors)
        }
        let event = OwnEvent.changeProfile(name: name.text, email: email.text)
        let answer = try await web.services.own.run(person.view.session, event, source: person.call.source)
        return try await conclude(person, answer, OwnErrorFields()) { web.redirect(base, cookies: $0, notice: .saved) }
    }

    private func saveAccount(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        let zone = form["time_zone"].isEmpty ? person.view.account.timeZone : form["time_zone"]
        var errors: Fields = ["accountName": form["account_name"], "accountEmail": form["account_email"]]
        let name = PersonText(form["account_name"])
        let email = PersonText.email(form["account_email"])
        if name == nil { errors["accountNameError"] = "Give the account a name of at most 100 characters." }
        if email == nil { errors["accountEmailError"] = "This is no e-mail address." }
        if !TimeText.isKnown(zone) { errors["timeZoneError"] = "Choose one of the time zones." }
        guard let name, let email, TimeText.isKnown(zone) else {
            return try await show(person, .unprocessableContent, messages: [.formRefused], errors)
        }
        let event = AdministrationEvent.changeAccount(name: name.text, email: email.text, timeZone: zone)
        guard try await web.change(person, event) == nil else { throw PageError.accessDenied }
        return web.redirect(base, notice: .saved)
    }

    // MARK: Password

    private func changePassword(_ person: PersonCall) async throws -> Response {
        try mayEdit(person)
        let form = try await person.call.form()
        let current = form.one("current_password")
        let new = form.one("new_password")
        let login = person.view.user.login
        let keepsTokens = form["keep_api_tokens"] == "on"
        let refusal = web.services.own.refusal(
            of: new,
            again: form.one("new_password_again"),
            current: current,
            login: login
        )
        if let refusal {
            let field = refusal == .notRepeated ? "newPasswordAgainError" : "newPasswordError"
            return try await show(
                person,
                .unprocessableContent,
                messages: [.passwordRefused(refusal)],
                [field: PublicMessage.sentence(refusal), "keepsTokensIsChecked": keepsTokens]
            )
        }
        var errors = OwnErrorFields.password
        errors.kept = keepsTokens ? ["keepsTokensIsChecked"] : []
        guard let currentPassword = password(current) else {
            return try await refused(person, .wrongPassword, fields: errors)
        }
        let answer = try await web.services.own.changePassword(
            person.view.session,
            current: currentPassword,
            new: Password(utf8: new),
            code: ProofCode(typed: form.one("token")),
            keepsTokens: keepsTokens,
            source: person.call.source
        )
        return try await conclude(person, answer, errors) {
            web.redirect(base, cookies: $0, notice: .passwordChanged)
        }
    }

    func password(_ typed: String) -> Password? {
        guard !typed.isEmpty, typed.utf8.count <= PasswordPolicy.maximumBytes else { return nil }
        return Password(utf8: typed)
    }
}
