import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// Rules for single paths of an application.
extension ApplicationRoutes {
    func addRule(_ person: PersonCall) async throws -> Response {
        let application = try await application(person)
        let form = try await person.call.form()
        let typed = form.one("path")
        var extra: Fields = [
            "path": typed, "ruleMatches": RuleForm.matches(form.one("match")),
            "ruleActions": RuleForm.actions(
                form.one("action"),
                in: application,
                isAdmin: person.view.user.isAccountAdmin
            ),
        ]
        guard let match = PathRule.Match(rawValue: form.one("match")),
            let action = PathRule.Action(rawValue: form.one("action"))
        else { throw PageError.formRefused }
        let path: RequestPath
        switch RequestPath.reading(typed) {
        case .success(let read) where typed.utf8.count <= 500 && !typed.utf8.contains(UInt8(ascii: "?")): path = read
        case .success:
            extra["pathError"] = "Write a path of at most 500 characters, without a query."
            return try await refused(person, application, extra)
        case .failure(let problem):
            extra["pathError"] = problem.sentence
            return try await refused(person, application, extra)
        }
        let rule = PathRule(
            id: PathRule.ID(random: web.services.ceremony.random),
            path: path,
            match: match,
            action: action
        )
        if let refusal = try await ask(person, application.id, .addRule(rule)) {
            if refusal == .accountAdminsOnly {
                let form = ApplicationForm(application)
                return try await editPage(person, .forbidden, application, form, [.accountAdminsOnly], extra)
            }
            return try await refused(person, application, extra.merging(Self.errors(of: refusal)) { $1 })
        }
        return web.redirect("\(Self.path)/\(application.id)", notice: .saved)
    }

    private func refused(_ person: PersonCall, _ application: Application, _ extra: Fields) async throws -> Response {
        try await editPage(
            person,
            .unprocessableContent,
            application,
            ApplicationForm(application),
            [.formRefused],
            extra
        )
    }

    private func rule(_ person: PersonCall, of application: Application) throws -> PathRule {
        guard let id = PathRule.ID(person.call.parameter("rule")),
            let rule = application.rules.first(where: { $0.id == id })
        else { throw PageError.notFound }
        return rule
    }

    func confirmDeleteRule(_ person: PersonCall) async throws -> Response {
        guard person.view.user.isAccountAdmin else { throw PageError.accessDenied }
        let application = try await application(person)
        let rule = try rule(person, of: application)
        return Confirmation(
            heading: "Remove this rule?",
            sentence:
                "For \(rule.words) the next rule that fits holds then, or what \(application.name) asks for itself.",
            action: "\(Self.path)/\(application.id)/rules/\(rule.id)/delete",
            confirmLabel: "Remove rule",
            isDanger: true,
            cancelHref: "\(Self.path)/\(application.id)"
        ).page(web, person, at: .applications)
    }

    func deleteRule(_ person: PersonCall) async throws -> Response {
        let application = try await application(person)
        let rule = try rule(person, of: application)
        if try await ask(person, application.id, .removeRule(rule.id)) != nil { throw PageError.accessDenied }
        return web.redirect("\(Self.path)/\(application.id)", notice: .saved)
    }
}

/// Rules as the page shows and offers them.
enum RuleForm {
    static func row(_ rule: PathRule, of application: Application, canManage: Bool) -> Fields {
        [
            "ruleWords": rule.words, "ruleAction": label(rule.action), "ruleCanDelete": canManage,
            "ruleDeleteHref": "\(ApplicationRoutes.path)/\(application.id)/rules/\(rule.id)/delete",
        ]
    }

    static func matches(_ chosen: String) -> [Fields] {
        [("prefix", "and everything under it"), ("exact", "exactly")].map {
            ["optionValue": $0.0, "optionLabel": $0.1, "optionIsChosen": $0.0 == chosen]
        }
    }

    /// - Parameter isAdmin: whether to offer what may open as well.
    static func actions(_ chosen: String, in application: Application, isAdmin: Bool) -> [Fields] {
        let offered = PathRule.Action.allCases.filter { isAdmin || !$0.mayOpen(application) }
        let chosen = PathRule.Action(rawValue: chosen) ?? (offered.contains(.twoFactor) ? .twoFactor : .deny)
        return offered.map {
            ["optionValue": $0.rawValue, "optionLabel": label($0), "optionIsChosen": $0 == chosen]
        }
    }

    static func label(_ action: PathRule.Action) -> String {
        switch action {
        case .allow: "Open to everybody, without signing in"
        case .deny: "Closed for everybody"
        case .password: "Password is enough"
        case .twoFactor: "Two factor authentication"
        case .apiToken: "Also programs with an API token"
        }
    }
}

extension PublicMessage {
    static let accountAdminsOnly = PublicMessage(
        "access_denied",
        "Your role lets you change the name and close paths. Only an Account Admin changes the address, who may use an "
            + "application, what it asks for, its headers, and what opens.",
        .danger
    )
    static let hostNotNew = PublicMessage(
        "access_denied",
        "A proxy may still ask about this host. Only an Account Admin makes an application there.",
        .danger
    )
    static let beyondOwnRoles = PublicMessage(
        "access_denied",
        "You make applications for roles that you have yourself. An Account Admin makes those for others.",
        .danger
    )
}
