import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// What is done to one person, each act behind a question.
extension UserRoutes {
    private static let maximumReasonLength = 200

    /// The person meant, when this question may be put by whoever asks.
    private func asked(_ person: PersonCall, _ action: UserAction) async throws -> UserDetail {
        let detail = try await detail(person)
        guard UserRights(view: person.view, summary: detail.summary).mayAsk(action) else {
            throw PageError.accessDenied
        }
        return detail
    }

    func confirm(_ person: PersonCall, _ action: UserAction) async throws -> Response {
        let detail = try await asked(person, action)
        return question(person, .ok, detail, action)
    }

    private func question(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ detail: UserDetail,
        _ action: UserAction,
        messages: [PublicMessage] = [],
        _ more: Fields = [:]
    ) -> Response {
        let question = UserQuestion(action: action, summary: detail.summary, account: person.view.account)
        return question.confirmation.page(
            web,
            person,
            status,
            at: .users,
            messages: messages,
            adding: question.extra.merging(more) { $1 }
        )
    }

    func perform(_ person: PersonCall, _ action: UserAction) async throws -> Response {
        let detail = try await asked(person, action)
        switch action {
        case .disable: return try await conclude(person, detail, action, .disableUser)
        case .enable: return try await conclude(person, detail, action, .enableUser)
        case .delete: return try await conclude(person, detail, action, .deleteUser)
        case .grantAdmin: return try await conclude(person, detail, action, .grantAdmin)
        case .revokeAdmin: return try await conclude(person, detail, action, .revokeAdmin)
        case .endSessions: return try await conclude(person, detail, action, .endSessions)
        case .resetPassword: return try await resetPassword(person, detail)
        case .resetTwoFactor:
            let form = try await person.call.form()
            let reason = PersonText(
                form["reason"],
                allowsEmpty: true,
                maximumLength: Self.maximumReasonLength
            )
            guard let reason else {
                return question(
                    person,
                    .unprocessableContent,
                    detail,
                    action,
                    messages: [.formRefused],
                    [
                        "reason": form["reason"],
                        "reasonError": "Use at most \(Self.maximumReasonLength) characters and no control characters.",
                    ]
                )
            }
            return try await conclude(person, detail, action, .resetTwoFactor(reason: reason.text))
        }
    }

    private func conclude(
        _ person: PersonCall,
        _ detail: UserDetail,
        _ action: UserAction,
        _ event: AdministrationEvent
    ) async throws -> Response {
        let user = detail.summary.user
        if let refusal = try await web.change(person, event, of: user.id) {
            let isBeyond = action == .enable && refusal.reason == .exceedsOwnPermissions
            let message = isBeyond ? PublicMessage.exceedsOwnLogin : refusal.message
            return try await page(person, refusal.status, detail, messages: [message])
        }
        if user.id == person.view.user.id {
            if action.endsOwnSession {
                return web.redirect("/sign-in", cookies: [web.cookies.clear(.session)], notice: .signedOut)
            }
            // Without the right this page may be shut now.
            if action == .revokeAdmin { return web.redirect("/", notice: action.notice) }
        }
        return web.redirect(
            action == .delete ? "/setup/users" : "/setup/users/\(user.id)",
            notice: action.notice
        )
    }

    // MARK: A new password

    private func resetPassword(_ person: PersonCall, _ detail: UserDetail) async throws -> Response {
        let user = detail.summary.user
        // Whoever has never had a password gets another invitation, which lives longer.
        let offer = LinkOffer(
            web,
            detail.summary.isInvited ? .invitation : .passwordReset,
            by: person.view.user.id
        )
        if let refusal = try await web.change(person, .resetPassword(offer.link), of: user.id) {
            return try await page(person, refusal.status, detail, messages: [refusal.message])
        }
        return offer.page(web, person, for: user)
    }

    // MARK: Roles

    /// The ticks stand on the page of the person: there is no question to ask before they are changed.
    func showRoles(_ person: PersonCall) async throws -> Response {
        let detail = try await detail(person)
        return web.redirect("/setup/users/\(detail.summary.user.id)")
    }

    func setRoles(_ person: PersonCall) async throws -> Response {
        let detail = try await detail(person)
        guard person.view.user.isAccountAdmin else { throw PageError.accessDenied }
        let typed = try await person.call.form().all("role")
        let roles = try await roles(person)
        let user = detail.summary.user
        guard let ids = Self.roleIDs(typed, in: roles) else {
            return try await page(
                person,
                .unprocessableContent,
                detail,
                messages: [.formRefused],
                ["roles": UserFields.roles(roles, chosen: typed), "roleError": Self.unknownRole]
            )
        }
        if let refusal = try await web.change(person, .setRoles(ids), of: user.id) {
            return try await page(person, refusal.status, detail, messages: [refusal.message])
        }
        return web.redirect("/setup/users/\(user.id)", notice: .saved)
    }

    static let unknownRole = "One of these roles does not exist any more. Look at the ticks and send it again."

    /// Nil when one of them is no role of this account.
    static func roleIDs(_ typed: [String], in roles: [Role]) -> [Role.ID]? {
        let known = roles.map(\.id)
        let ids = typed.compactMap { Role.ID($0) }.filter(known.contains)
        return ids.count == typed.count ? ids : nil
    }
}
