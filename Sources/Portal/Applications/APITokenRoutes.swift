import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// `/own/api-tokens`: tokens for one's own scripts, shown once.
struct APITokenRoutes: Sendable {
    let web: Web

    static let path = "/own/api-tokens"
    private static let dayChoices = [7, 30, 90, 366]

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/own/api-tokens", web, show)
        router.page(.post, "/own/api-tokens", web, create)
        router.page(.get, "/own/api-tokens/:id/revoke", web, confirmRevoke)
        router.page(.post, "/own/api-tokens/:id/revoke", web, revoke)
    }

    // MARK: The list and the form

    private func show(_ person: PersonCall) async throws -> Response {
        try await page(person, .ok, Typed(), [])
    }

    private struct Typed {
        var name = ""
        var days = "90"
        var applications: Set<Application.ID> = []
    }

    private func usable(_ person: PersonCall) async throws -> [Application] {
        let store = web.services.gatekeeper.store
        let roles = try await store.roles(of: person.view.user.id)
        return try await store.applications(person.view.account.id)
            .filter { $0.admits(person.view.user, roles: roles.keys) }
    }

    private func page(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ typed: Typed,
        _ messages: [PublicMessage],
        _ errors: Fields = [:]
    ) async throws -> Response {
        let applications = try await usable(person)
        let names = Dictionary(uniqueKeysWithValues: applications.map { ($0.id, $0.name) })
        let time = TimeText(zone: person.view.account.timeZone)
        let now = web.services.now
        let tokens = try await web.services.gatekeeper.store.apiTokens(person.view.user.id)
        let rows: [Fields] = tokens.map { token in
            [
                "rowName": token.name, "rowExpires": time.minute(token.expiresAt),
                "rowIsExpired": token.expiresAt <= now,
                "rowCreated": time.minute(token.createdAt), "rowLastUsed": token.lastUsedAt.map(time.minute) ?? "Never",
                "rowApplications": token.applicationIDs.map { names[$0] ?? "no longer open to you" }.sorted()
                    .joined(separator: ", "),
                "rowRevokeHref": "\(Self.path)/\(token.id)/revoke",
            ]
        }
        let fields: Fields = [
            "hasTokens": !rows.isEmpty, "tokens": rows, "hasApplications": !applications.isEmpty,
            "canCreate": person.view.session.methods.passedTwoFactor, "name": typed.name,
            "applications": applications.map { application -> Fields in
                [
                    "applicationID": application.id.description, "applicationName": application.name,
                    "applicationIsChosen": typed.applications.contains(application.id),
                    "applicationTakesTokens": application.rules.contains { $0.action == .apiToken },
                ]
            },
            "dayChoices": Self.dayChoices.map { days -> Fields in
                [
                    "optionValue": String(days), "optionLabel": "\(days) days",
                    "optionIsChosen": String(days) == typed.days,
                ]
            },
        ]
        return web.portal(
            person,
            status,
            title: "API tokens",
            at: .none,
            "api_tokens",
            fields.merging(errors) { $1 },
            messages: messages
        )
    }

    // MARK: A new one

    private func create(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        var typed = Typed(name: form.one("name"), days: form.one("days"))
        typed.applications = Set(
            try form.all("application").map { text in
                guard let id = Application.ID(text) else { throw PageError.formRefused }
                return id
            }
        )
        var errors: Fields = [:]
        let name = PersonText(typed.name)
        if name == nil { errors["nameError"] = "A token needs a name of at most 100 characters." }
        let days = Int(typed.days).flatMap { APIToken.dayRange.contains($0) ? $0 : nil }
        if days == nil { errors["daysError"] = "Choose 1 to 366 days." }
        guard let name, let days else {
            return try await page(person, .unprocessableContent, typed, [.formRefused], errors)
        }
        let secret = BearerToken(kind: .apiToken, random: web.services.ceremony.random)
        let now = web.services.now
        let token = APIToken(
            id: APIToken.ID(random: web.services.ceremony.random),
            digest: secret.digest,
            userID: person.view.user.id,
            accountID: person.view.account.id,
            name: name.text,
            applicationIDs: typed.applications,
            createdAt: now,
            expiresAt: now + Int64(days) * 24 * 3600
        )
        let refusal = try await web.services.gatekeeper.store.create(
            token,
            by: person.view,
            address: person.call.source.address,
            at: now
        )
        if let refusal { return try await refused(person, typed, refusal) }
        let fields: Fields = [
            "tokenName": name.text, "tokenText": secret.text, "listHref": Self.path,
            "tokenExpires": TimeText(zone: person.view.account.timeZone).minute(token.expiresAt),
        ]
        return web.portal(person, title: "New API token", at: .none, "api_token_created", fields)
    }

    private func refused(_ person: PersonCall, _ typed: Typed, _ refusal: APITokenRefusal) async throws -> Response {
        switch refusal {
        case .twoFactorRequired:
            return try await page(person, .forbidden, typed, [.tokenNeedsTwoFactor])
        case .noApplication:
            let errors: Fields = ["applicationError": "Choose at least one application."]
            return try await page(person, .unprocessableContent, typed, [.formRefused], errors)
        case .applicationNotAllowed:
            let errors: Fields = ["applicationError": "One of these applications is not open to you."]
            return try await page(person, .unprocessableContent, typed, [.formRefused], errors)
        case .sessionEnded: throw SessionEnded()
        case .needsProof(let entry): throw ProofRequired(for: entry)
        case .tooMany:
            let message = PublicMessage(
                "form_refused",
                "You have \(APIToken.maximumPerUser) tokens. Revoke one of them first.",
                .danger
            )
            return try await page(person, .unprocessableContent, typed, [message])
        }
    }

    // MARK: Revoking

    private func token(_ person: PersonCall) async throws -> APIToken {
        guard let id = APIToken.ID(person.call.parameter("id")),
            let token = try await web.services.gatekeeper.store.apiTokens(person.view.user.id)
                .first(where: { $0.id == id })
        else { throw PageError.notFound }
        return token
    }

    private func confirmRevoke(_ person: PersonCall) async throws -> Response {
        let token = try await token(person)
        return Confirmation(
            heading: "Revoke \(token.name)?",
            sentence: "Every script that uses it is refused from now on. It cannot be brought back.",
            action: "\(Self.path)/\(token.id)/revoke",
            confirmLabel: "Revoke token",
            isDanger: true,
            cancelHref: Self.path
        ).page(web, person, at: .none)
    }

    private func revoke(_ person: PersonCall) async throws -> Response {
        let token = try await token(person)
        let isRevoked = try await web.services.gatekeeper.store.revoke(
            token.id,
            by: person.view,
            address: person.call.source.address,
            at: web.services.now
        )
        guard isRevoked else { throw PageError.notFound }
        return web.redirect(Self.path, notice: .apiTokenRevoked)
    }
}

extension PublicMessage {
    static let tokenNeedsTwoFactor = PublicMessage(
        "two_factor_required",
        "A token works without you being there, so making one takes a sign-in with two factor authentication.",
        .danger,
        link: ("/own#two-factor", "Two Factor Authentication")
    )
}
