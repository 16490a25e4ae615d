import Accounts
import Gateway
import Hummingbird
import Secrets
import SignIn

/// A person's API tokens, as those see and end them who may end the person's sessions.
extension UserRoutes {
    private func token(_ person: PersonCall, of detail: UserDetail) async throws -> APIToken {
        let rights = UserRights(view: person.view, summary: detail.summary)
        guard rights.mayAsk(.endSessions) else { throw PageError.accessDenied }
        let tokens = try await web.services.gatekeeper.store.apiTokens(detail.summary.user.id)
        guard let token = tokens.first(where: { $0.id.description == person.call.parameter("token") }) else {
            throw PageError.notFound
        }
        return token
    }

    func confirmEndToken(_ person: PersonCall) async throws -> Response {
        let detail = try await detail(person)
        let token = try await token(person, of: detail)
        let user = detail.summary.user
        return Confirmation(
            heading: "Revoke \(token.name)?",
            sentence:
                "Every script of \(user.displayName) that uses it is refused from now on. It cannot be brought back.",
            action: "/setup/users/\(user.id)/api-tokens/\(token.id)/revoke",
            confirmLabel: "Revoke token",
            isDanger: true,
            cancelHref: "/setup/users/\(user.id)"
        ).page(web, person, at: .users)
    }

    func endToken(_ person: PersonCall) async throws -> Response {
        let detail = try await detail(person)
        let token = try await token(person, of: detail)
        let user = detail.summary.user
        guard let id = Identifier(token.id.description) else { throw PageError.notFound }
        if let refusal = try await web.change(person, .endAPIToken(id), of: user.id) {
            return try await page(person, refusal.status, detail, messages: [refusal.message])
        }
        return web.redirect("/setup/users/\(user.id)", notice: .apiTokenRevoked)
    }

    /// What the page of a person shows of their tokens.
    func tokenFields(_ person: PersonCall, _ detail: UserDetail) async throws -> Fields {
        let user = detail.summary.user
        let store = web.services.gatekeeper.store
        guard UserRights(view: person.view, summary: detail.summary).mayAsk(.endSessions) else {
            return ["hasTokens": false]
        }
        let tokens = try await store.apiTokens(user.id)
        guard !tokens.isEmpty else { return ["hasTokens": false] }
        let names = Dictionary(
            uniqueKeysWithValues: try await store.applications(user.accountID).map { ($0.id, $0.name) }
        )
        let time = TimeText(zone: person.view.account.timeZone)
        let rows: [Fields] = tokens.map { token in
            [
                "tokenName": token.name, "tokenIsExpired": token.expiresAt <= web.services.now,
                "tokenApplications": token.applicationIDs.compactMap { names[$0] }.sorted().joined(separator: ", "),
                "tokenLastUsed": token.lastUsedAt.map(time.minute) ?? "Never",
                "tokenExpires": time.minute(token.expiresAt),
                "tokenEndHref": "/setup/users/\(user.id)/api-tokens/\(token.id)/revoke",
            ]
        }
        return ["hasTokens": true, "tokens": rows]
    }
}
