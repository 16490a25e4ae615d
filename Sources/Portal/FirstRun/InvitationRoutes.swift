import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// `/invitation/{token}`: a new user's first password, or a new one after an admin's reset. Shown by GET as often as
/// one likes, spent by POST (threats E07); it signs nobody in (E05).
struct InvitationRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.get, "/invitation/:token", web, show)
        router.open(.post, "/invitation/:token", web, submit)
    }

    private func checked(_ call: Call) async throws -> (BearerToken, LinkView, User) {
        let text = call.parameter("token")
        for kind in [BearerKind.invitation, .passwordReset] {
            guard let token = BearerToken(kind: kind, text: text) else { continue }
            let link = try await web.services.ceremony.store.link(token.digest, at: web.services.now)
            if let link, link.kind == kind, let user = link.user { return (token, link, user) }
        }
        throw PageError.spent
    }

    private func show(_ call: Call) async throws -> Response {
        let (token, link, user) = try await checked(call)
        return page(call, .ok, token, link, user, nil)
    }

    private func submit(_ call: Call) async throws -> Response {
        let form = try await call.form()
        let (token, link, user) = try await checked(call)
        let password = form.one("password")
        let services = web.services
        let refusal = services.signIn.refusal(of: password, again: form.one("password_again"), login: user.login)
        if let refusal { return page(call, .unprocessableContent, token, link, user, refusal) }
        let hash = try await services.ceremony.hasher.hash(Password(utf8: password))
        let spent = try await services.ceremony.store.spendLink(
            token.digest,
            hash: hash,
            source: call.source,
            at: services.now
        )
        guard spent != nil else { throw PageError.spent }
        return web.redirect("/sign-in", notice: .passwordSet)
    }

    private func page(
        _ call: Call,
        _ status: HTTPResponse.Status,
        _ token: BearerToken,
        _ link: LinkView,
        _ user: User,
        _ refusal: PasswordRefusal?
    ) -> Response {
        var fields: Fields = [
            "isReset": link.kind == .passwordReset, "invitationAction": "/invitation/\(token.text)",
            "invitationAccount": link.accountName, "invitationLogin": user.login,
            "passwordHelp": PublicMessage.passwordHelp,
        ]
        if let refusal {
            fields[refusal == .notRepeated ? "passwordAgainError" : "passwordError"] = PublicMessage.todo(refusal)
        }
        return web.card(
            call,
            status,
            title: link.kind == .passwordReset ? "New password" : "Welcome",
            "invitation",
            fields,
            messages: refusal.map { [.passwordRefused($0)] } ?? [],
            accountName: link.accountName
        )
    }
}
