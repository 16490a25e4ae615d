import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// A person to be: the form, and the link that is shown once.
extension UserRoutes {
    func showNew(_ person: PersonCall) async throws -> Response {
        form(person, .ok, try await newFields(person, try await roles(person), chosen: []), [])
    }

    private func form(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ fields: Fields,
        _ messages: [PublicMessage]
    ) -> Response {
        web.portal(person, status, title: "New user", at: .users, "user_new", fields, messages: messages)
    }

    /// Nobody gives what they lack, so only roles that the acting person covers are offered.
    private func newFields(_ person: PersonCall, _ roles: [Role], chosen: [String]) async throws -> Fields {
        let store = web.services.gatekeeper.store
        let own = Set(try await store.roles(of: person.view.user.id).keys)
        let keys = Set(try await store.applications(person.view.account.id).flatMap(\.audience.roleIDs))
        let mine = Holdings(
            permissions: person.view.permissions,
            keys: own.intersection(keys),
            isAccountAdmin: person.view.user.isAccountAdmin
        )
        let offered = roles.filter { role in
            mine.cover(Holdings(permissions: role.permissions, keys: keys.intersection([role.id])))
        }
        return [
            "roles": UserFields.roles(offered, chosen: chosen), "canGrantAdmin": person.view.user.isAccountAdmin,
            "isAccountAdmin": false,
        ]
    }

    func create(_ person: PersonCall) async throws -> Response {
        let typed = try await person.call.form()
        let roles = try await roles(person)
        var fields = try await newFields(person, roles, chosen: typed.all("role"))
        for name in ["login", "name", "email"] where !typed[name].isEmpty { fields[name] = typed[name] }
        let isAdmin = typed.one("account_admin") == "on"
        fields["isAccountAdmin"] = isAdmin
        guard person.view.user.isAccountAdmin || !isAdmin else { throw PageError.accessDenied }

        let login = Login(typed.one("login"))
        let name = PersonText(typed["name"], allowsEmpty: true)
        let email = PersonText.email(typed["email"])
        let roleIDs = Self.roleIDs(typed.all("role"), in: roles)
        if login == nil {
            fields["loginError"] = "Use letters, digits and signs without blanks, for example an e-mail."
        }
        if name == nil { fields["nameError"] = "Use at most 100 characters and no control characters." }
        if email == nil { fields["emailError"] = "This is no e-mail address." }
        if roleIDs == nil { fields["roleError"] = Self.unknownRole }
        guard let login, let name, let email, let roleIDs else {
            return form(person, .unprocessableContent, fields, [.formRefused])
        }
        let user = User(
            id: User.ID(random: web.services.ceremony.random),
            accountID: person.view.account.id,
            login: login.text,
            name: name.text,
            email: email.text,
            isAccountAdmin: isAdmin
        )
        let offer = LinkOffer(web, .invitation, by: person.view.user.id)
        let new = NewUser(user: user, loginKey: login.key, roleIDs: roleIDs, credential: .invitation(offer.link))
        do {
            if let refusal = try await web.change(person, .createUser(new)) {
                switch refusal.reason {
                case .exceedsOwnPermissions: fields["roleError"] = refusal.message.text
                case .loginReserved: fields["loginError"] = "Choose another login."
                case .loginTaken: fields["loginError"] = refusal.message.text
                default: break
                }
                return form(person, refusal.status, fields, [refusal.message])
            }
        } catch StoreError.duplicate {
            // Whoever was faster made an account of their own, which takes no turn with this one.
            fields["loginError"] = PublicMessage.loginTaken.text
            return form(person, .unprocessableContent, fields, [.formRefused])
        }
        return offer.page(web, person, for: user)
    }
}

/// A link that somebody is given once; the store keeps its digest alone.
struct LinkOffer: Sendable {
    let link: OneTimeLink
    private let token: BearerToken

    init(_ web: Web, _ kind: BearerKind, by maker: User.ID) {
        let seconds = kind == .invitation ? OneTimeLink.invitationSeconds : OneTimeLink.passwordResetSeconds
        token = BearerToken(kind: kind, random: web.services.ceremony.random)
        link = OneTimeLink(digest: token.digest, kind: kind, expiresAt: web.services.now + seconds, madeBy: maker)
    }

    /// The one page that ever shows it: an answer to the post itself, since a redirect would need it in an address.
    func page(_ web: Web, _ person: PersonCall, for user: User) -> Response {
        let isInvitation = link.kind == .invitation
        let name = user.displayName
        let heading = isInvitation ? "\(name) is invited" : "A password link for \(name)"
        let fields: Fields = [
            "linkHeading": heading,
            "linkSentence": "Pass this link on. With it \(name) sets a password and can log in.",
            "linkLabel": isInvitation ? "Invitation link" : "Password link",
            "linkURL": "\(web.configuration.publicURL.origin)/invitation/\(token.text)",
            "linkExpires": TimeText(zone: person.view.account.timeZone).minute(link.expiresAt),
            "nextHref": "/setup/users/\(user.id)", "nextLabel": "Open the page of \(name)",
        ]
        return web.portal(person, title: heading, at: .users, "user_created", fields)
    }
}
