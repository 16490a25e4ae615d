import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// `/welcome`: the account and its first Account Admin, by the one-time address that `serve` prints.
struct WelcomeRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/welcome", web, show)
        router.open(.post, "/welcome", web, submit)
    }

    private func checked(_ text: String) async throws -> BearerToken {
        guard let token = BearerToken(kind: .firstRun, text: text),
            let link = try await web.services.ceremony.store.link(token.digest, at: web.services.now),
            link.kind == .firstRun
        else { throw PageError.spent }
        return token
    }

    private func show(_ call: Call) async throws -> Response {
        let token = try await checked(call.query["token"])
        return page(call, .ok, ["token": token.text], [])
    }

    private func page(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ fields: Fields,
        _ messages: [PublicMessage]
    ) -> Response {
        var fields = fields
        fields["passwordHelp"] = PublicMessage.passwordHelp
        return web.card(call, status, title: "Welcome", "welcome", fields, messages: messages)
    }

    private func submit(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let token = try await checked(form.has("token") ? form.one("token") : call.query["token"])
        var fields: Fields = ["token": token.text]
        for (field, key) in [("account_name", "accountName"), ("name", "name"), ("login", "login")]
        where !form[field].isEmpty { fields[key] = form[field] }
        let accountName = PersonText(form["account_name"])
        let name = PersonText(form["name"], allowsEmpty: true)
        let login = Login(form.one("login"))
        if accountName == nil { fields["accountNameError"] = "Give the account a name of at most 100 characters." }
        if name == nil { fields["nameError"] = "Use at most 100 characters and no control characters." }
        if login == nil {
            fields["loginError"] = "Use letters, digits and signs without blanks, for example an e-mail address."
        }
        let refusal = web.services.signIn.refusal(
            of: form.one("password"),
            again: form.one("password_again"),
            login: login?.text ?? ""
        )
        if let refusal {
            fields[refusal == .notRepeated ? "passwordAgainError" : "passwordError"] = PublicMessage.todo(refusal)
        }
        guard let accountName, let name, let login, refusal == nil else {
            let message = refusal.map(PublicMessage.passwordRefused) ?? .formRefused
            return page(call, .unprocessableContent, fields, [message])
        }
        return try await create(call, token, accountName.text, name.text, login, Password(utf8: form.one("password")))
    }

    private func create(
        _ call: Call,
        _ token: BearerToken,
        _ accountName: String,
        _ name: String,
        _ login: Login,
        _ password: Password
    ) async throws -> Response {
        let services = web.services
        let random = services.ceremony.random
        let hash = try await services.ceremony.hasher.hash(password)
        let account = Account(id: Account.ID(random: random), name: accountName)
        let user = User(
            id: User.ID(random: random),
            accountID: account.id,
            login: login.text,
            name: name,
            isAccountAdmin: true
        )
        let isCreated = try await services.administration.createAccount(
            account,
            admin: NewUser(
                user: user,
                loginKey: login.key,
                roleIDs: [],
                credential: .password(hash, mustChange: false)
            ),
            firstRun: token.digest,
            actorAddress: call.source.address,
            at: services.now
        )
        guard isCreated else { throw PageError.spent }
        // Signed in by the ordinary ceremony, with the password just typed.
        let answer = try await services.signIn.submitPassword(
            login: login,
            password: password,
            returnTo: "/accounts/details",
            source: call.source
        )
        return try await SignInRoutes(web: web).next(call, answer) { _, _ in web.redirect("/sign-in") }
    }
}
