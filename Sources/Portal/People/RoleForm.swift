import Accounts
import Secrets

/// A role as its page shows it and its form sends it.
struct RoleForm: Sendable {
    private static let maximumDescriptionLength = 200

    var name = ""
    var description = ""
    /// A new role lets its people reach Accounts > Details, where two-factor is set up by choice.
    var permissions = Permissions(accounts: .view)

    init() {}

    init(_ role: Role) {
        name = role.name
        description = role.description
        permissions = role.permissions
    }

    /// What is not sent gives nothing; a word that no page offers is no form of ours.
    init(_ form: Form) throws {
        name = form["name"]
        description = form["description"]
        let isAgentOn = form.has("agent") ? form.state(of: "agent") : false
        guard let isAgentOn else { throw PageError.formRefused }
        permissions = Permissions(
            accounts: try Self.level(form, .accounts),
            devices: try Self.level(form, .devices),
            applications: try Self.level(form, .applications),
            setup: try Self.level(form, .setup),
            agent: isAgentOn
        )
    }

    private static func level(_ form: Form, _ tab: Tab) throws -> AccessLevel {
        guard form.has(tab.rawValue) else { return .hidden }
        guard let level = AccessLevel(rawValue: form[tab.rawValue]) else { throw PageError.formRefused }
        return level
    }

    /// Nil when a field is refused; `errors` says which.
    func role(_ id: Role.ID, of account: Account.ID) -> Role? {
        guard let name = checkedName, let description = checkedDescription else { return nil }
        return Role(
            id: id,
            accountID: account,
            name: name.text,
            description: description.text,
            permissions: permissions
        )
    }

    private var checkedName: PersonText? { PersonText(name) }

    private var checkedDescription: PersonText? {
        PersonText(description, allowsEmpty: true, maximumLength: Self.maximumDescriptionLength)
    }

    var errors: Fields {
        var errors: Fields = [:]
        if checkedName == nil { errors["nameError"] = "A role needs a name of at most 100 characters." }
        if checkedDescription == nil {
            errors["descriptionError"] =
                "Use at most \(Self.maximumDescriptionLength) characters and no control characters."
        }
        return errors
    }

    var fields: Fields {
        [
            "name": name, "description": description, "isAgentOn": permissions.agent,
            "permissions": Tab.allCases.map { tab -> Fields in
                let level = permissions[tab]
                return [
                    "permName": tab.rawValue, "permLabel": label(tab), "permHelp": help(tab),
                    "permIsHidden": level == .hidden, "permIsView": level == .view, "permIsManage": level == .manage,
                ]
            },
        ]
    }

    private func label(_ tab: Tab) -> String {
        switch tab {
        case .accounts: "Accounts"
        case .devices: "Devices"
        case .applications: "Applications"
        case .setup: "Setup"
        }
    }

    private func help(_ tab: Tab) -> String {
        switch tab {
        case .accounts: "Details and Settings. View is enough to enable two factor authentication."
        case .devices: "What agents report."
        case .applications: "Tools behind the portal."
        case .setup: "Users and Activity Log. Roles and credentials stay with Account Admins."
        }
    }
}
