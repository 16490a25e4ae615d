import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// Setup > Roles: Account Admins alone, since a role gives and takes rights.
struct RoleRoutes: Sendable {
    let web: Web

    private static let path = "/setup/roles"

    func add(to router: Router<PortalContext>) {
        page(router, .get, "", list)
        page(router, .post, "", create)
        page(router, .get, "/new", showNew)
        page(router, .get, "/:id", show)
        page(router, .post, "/:id", change)
        page(router, .get, "/:id/delete", confirmDelete)
        page(router, .post, "/:id/delete", delete)
    }

    private func page(
        _ router: Router<PortalContext>,
        _ method: HTTPRequest.Method,
        _ path: String,
        _ handler: @escaping @Sendable (PersonCall) async throws -> Response
    ) {
        router.page(method, RouterPath(Self.path + path), web, tab: .setup) { person in
            guard person.view.user.isAccountAdmin else { throw PageError.accessDenied }
            return try await handler(person)
        }
    }

    private func summary(_ person: PersonCall) async throws -> RoleSummary {
        guard let id = Role.ID(person.call.parameter("id")) else { throw PageError.notFound }
        let roles = try await web.services.directory.roles(person.view.account.id)
        guard let summary = roles.first(where: { $0.role.id == id }) else { throw PageError.notFound }
        return summary
    }

    // MARK: The list

    private func list(_ person: PersonCall) async throws -> Response {
        let roles = try await web.services.directory.roles(person.view.account.id)
        let fields: Fields = ["canCreate": true, "hasRoles": !roles.isEmpty, "roles": roles.map(row)]
        return web.portal(person, title: "Roles", at: .roles, "roles", fields)
    }

    private func row(_ summary: RoleSummary) -> Fields {
        let role = summary.role
        return [
            "rowHref": "\(Self.path)/\(role.id)", "rowName": role.name, "rowDescription": role.description,
            "rowAccounts": role.permissions.accounts.label, "rowDevices": role.permissions.devices.label,
            "rowApplications": role.permissions.applications.label, "rowSetup": role.permissions.setup.label,
            "rowAgentIsOn": role.permissions.agent, "rowPeople": CountText.of(summary.people),
        ]
    }

    // MARK: A new one

    private func showNew(_ person: PersonCall) async throws -> Response {
        newPage(person, .ok, RoleForm(), [])
    }

    private func newPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ form: RoleForm,
        _ messages: [PublicMessage],
        _ errors: Fields = [:]
    ) -> Response {
        let heading = "New role"
        let more: Fields = [
            "heading": heading, "action": Self.path, "saveLabel": "Create role", "canDelete": false,
        ]
        let fields = form.fields.merging(more) { $1 }.merging(errors) { $1 }
        return web.portal(person, status, title: heading, at: .roles, "role_edit", fields, messages: messages)
    }

    private func create(_ person: PersonCall) async throws -> Response {
        let form = try RoleForm(try await person.call.form())
        let id = Role.ID(random: web.services.ceremony.random)
        guard let role = form.role(id, of: person.view.account.id) else {
            return newPage(person, .unprocessableContent, form, [.formRefused], form.errors)
        }
        if let refusal = try await web.change(person, .createRole(role)) {
            return newPage(person, refusal.status, form, [refusal.message], Self.errors(of: refusal))
        }
        return web.redirect(Self.path, notice: .roleCreated)
    }

    private static func errors(of refusal: ChangeRefusal) -> Fields {
        refusal.reason == .roleNameTaken ? ["nameError": refusal.message.text] : [:]
    }

    // MARK: One role

    private func show(_ person: PersonCall) async throws -> Response {
        let summary = try await summary(person)
        return editPage(person, .ok, summary, RoleForm(summary.role), [])
    }

    private func editPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ summary: RoleSummary,
        _ form: RoleForm,
        _ messages: [PublicMessage],
        _ errors: Fields = [:]
    ) -> Response {
        let heading = summary.role.name
        let more: Fields = [
            "heading": heading, "peopleSentence": peopleSentence(summary.people),
            "action": "\(Self.path)/\(summary.role.id)", "saveLabel": "Save role", "canDelete": true,
        ]
        let fields = form.fields.merging(more) { $1 }.merging(errors) { $1 }
        return web.portal(person, status, title: heading, at: .roles, "role_edit", fields, messages: messages)
    }

    private func peopleSentence(_ people: Int) -> String {
        switch people {
        case 0: "Nobody has this role."
        case 1: "One person has this role."
        default: "\(CountText.of(people)) people have this role."
        }
    }

    private func change(_ person: PersonCall) async throws -> Response {
        let summary = try await summary(person)
        let form = try RoleForm(try await person.call.form())
        guard let role = form.role(summary.role.id, of: person.view.account.id) else {
            return editPage(person, .unprocessableContent, summary, form, [.formRefused], form.errors)
        }
        if let refusal = try await web.change(person, .changeRole(role)) {
            return editPage(person, refusal.status, summary, form, [refusal.message], Self.errors(of: refusal))
        }
        return web.redirect("\(Self.path)/\(role.id)", notice: .saved)
    }

    private func confirmDelete(_ person: PersonCall) async throws -> Response {
        let summary = try await summary(person)
        let back = "\(Self.path)/\(summary.role.id)"
        return Confirmation(
            heading: "Delete the role \(summary.role.name)?",
            sentence: summary.people == 0
                ? "Nobody has this role."
                : "\(peopleSentence(summary.people)) What it alone allows ends at once, API tokens for good.",
            action: "\(back)/delete",
            confirmLabel: "Delete role",
            isDanger: true,
            cancelHref: back
        ).page(web, person, at: .roles)
    }

    private func delete(_ person: PersonCall) async throws -> Response {
        let summary = try await summary(person)
        if let refusal = try await web.change(person, .deleteRole(summary.role.id)) {
            let form = RoleForm(summary.role)
            return editPage(person, refusal.status, summary, form, [refusal.message])
        }
        return web.redirect(Self.path, notice: .roleDeleted)
    }
}
