import Accounts
import Gateway
import Secrets

/// An application as its page shows it and its form sends it.
struct ApplicationForm: Sendable {
    var name = ""
    var origin = ""
    var assurance = Assurance.twoFactor
    var sessionHours = ""
    var roleIDs: Set<Role.ID> = []
    var allowsEncodedPaths = false
    var headers: [String] = IdentityHeaderNames.standard.all

    init() {}

    init(_ application: Application) {
        name = application.name
        origin = application.origin.text
        assurance = application.assurance
        sessionHours = application.sessionHours.map(String.init) ?? ""
        roleIDs = application.audience.roleIDs
        allowsEncodedPaths = application.allowsEncodedPaths
        headers = application.headers.all
    }

    /// What is not sent stays as it was; a word that no page offers is no form of ours.
    /// - Parameter keepsRoles: for whoever may not choose them, so that a form without any does not mean everybody.
    init(_ form: Form, over old: Application?, keepsRoles: Bool = false) throws {
        if let old { self.init(old) } else { self.init() }
        name = form.has("name") ? form.one("name") : name
        origin = form.has("origin") ? form.one("origin") : origin
        if form.has("assurance") {
            guard let assurance = Assurance(rawValue: form.one("assurance")) else { throw PageError.formRefused }
            self.assurance = assurance
        }
        sessionHours = form.has("session_hours") ? form.one("session_hours") : sessionHours
        if !keepsRoles || form.has("role") {
            roleIDs = Set(
                try form.all("role").filter { !$0.isEmpty }.map { text in
                    guard let id = Role.ID(text) else { throw PageError.formRefused }
                    return id
                }
            )
        }
        if form.has("encoded_paths") {
            guard let isOn = form.state(of: "encoded_paths") else { throw PageError.formRefused }
            allowsEncodedPaths = isOn
        }
        for (place, field) in Self.headerFields.enumerated() where form.has(field.name) {
            headers[place] = form.one(field.name)
        }
    }

    static let headerFields = [
        (name: "header_user", label: "Login"), (name: "header_name", label: "Name"),
        (name: "header_email", label: "E-mail"), (name: "header_groups", label: "Roles"),
    ]

    private var checkedName: PersonText? { PersonText(name) }
    private var checkedOrigin: Origin? { Origin(origin.filter { $0 != " " }) }
    private var checkedHeaders: IdentityHeaderNames? {
        IdentityHeaderNames(user: headers[0], name: headers[1], email: headers[2], groups: headers[3])
    }
    /// Nil when it is no number that may stand there; the inner nil is "as long as the portal".
    private var checkedHours: Int?? {
        if sessionHours.isEmpty || sessionHours == "0" { return .some(nil) }
        guard let hours = Int(sessionHours), String(hours) == sessionHours,
            Application.sessionHourRange.contains(hours)
        else { return nil }
        return .some(hours)
    }

    /// Nil when a field is refused; `errors` says which.
    func application(_ id: Application.ID, of account: Account.ID, over old: Application?) -> Application? {
        guard let name = checkedName, let origin = checkedOrigin, let hours = checkedHours,
            let headers = checkedHeaders
        else { return nil }
        // Without a role left to tick, an application that was for some must not come to be for all by saving its name.
        let wasClosed = old?.audience == .roles([]) && roleIDs.isEmpty
        return Application(
            id: id,
            accountID: account,
            name: name.text,
            origin: origin,
            assurance: assurance,
            sessionHours: hours,
            allowsEncodedPaths: allowsEncodedPaths,
            headers: headers,
            audience: wasClosed ? .roles([]) : Audience(chosen: roleIDs),
            rules: old?.rules ?? []
        )
    }

    var errors: Fields {
        var errors: Fields = [:]
        if checkedName == nil { errors["nameError"] = "An application needs a name of at most 100 characters." }
        if checkedOrigin == nil {
            errors["originError"] =
                "Write scheme and host, as in https://grafana.example.com. Plain http is only for localhost."
        }
        if checkedHours == nil { errors["sessionHoursError"] = "Use 1 to 720 hours, or nothing." }
        if checkedHeaders == nil {
            errors["headersError"] =
                "Use four different names of letters, digits and hyphens which mean nothing else to a proxy."
        }
        return errors
    }

    func fields(roles: [Role]) -> Fields {
        [
            "name": name, "origin": origin, "sessionHours": sessionHours,
            "isTwoFactor": assurance == .twoFactor, "isPassword": assurance == .password,
            "allowsEncodedPaths": allowsEncodedPaths, "hasRoles": !roles.isEmpty,
            "roles": roles.map { role -> Fields in
                [
                    "roleID": role.id.description, "roleName": role.name, "roleDescription": role.description,
                    "roleIsChecked": roleIDs.contains(role.id),
                ]
            },
            "headerFields": zip(Self.headerFields, headers).map { field, value -> Fields in
                ["headerName": field.name, "headerLabel": field.label, "headerValue": value]
            },
        ]
    }
}
