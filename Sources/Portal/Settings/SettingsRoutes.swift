import Accounts
import HTTPTypes
import Hummingbird
import SignIn

/// Accounts > Settings: the requirement, the agents' door, the session limits.
struct SettingsRoutes: Sendable {
    let web: Web

    private static let path = "/accounts/settings"

    func add(to router: Router<PortalContext>) {
        page(router, .get, "", show)
        page(router, .get, "/require-two-factor", confirmRequirement)
        page(router, .post, "/require-two-factor", require)
        page(router, .get, "/agents", confirmAgents)
        page(router, .post, "/agents", allowAgents)
        // Two numbers are no question with one answer: the form stands on the page itself.
        page(router, .get, "/sessions", show)
        page(router, .post, "/sessions", limitSessions)
    }

    private func page(
        _ router: Router<PortalContext>,
        _ method: HTTPRequest.Method,
        _ path: String,
        _ handler: @escaping @Sendable (PersonCall) async throws -> Response
    ) {
        router.page(method, RouterPath(Self.path + path), web, tab: .accounts, handler)
    }

    /// Before a form is judged, so that a reader is told of the door and not of the field.
    private func adminsOnly(_ person: PersonCall) throws {
        guard person.view.user.isAccountAdmin else { throw PageError.accessDenied }
    }

    // MARK: The page

    private func show(_ person: PersonCall) async throws -> Response {
        try await settings(person, .ok)
    }

    private func settings(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        refusal: PublicMessage? = nil,
        _ extra: Fields = [:]
    ) async throws -> Response {
        let readiness = try await web.services.directory.readiness(person.view.account.id)
        let source = SettingsFields(view: person.view, readiness: readiness)
        var fields = source.all
        fields.merge(extra) { $1 }
        var messages: [PublicMessage] = []
        if let refusal {
            messages.append(refusal)
            // The alert above says it already.
            if fields["requireRefusalCode"] as? String == refusal.code {
                fields.removeValue(forKey: "requireRefusalCode")
            }
        }
        if source.isSecondAdminRecommended { messages.append(secondAdmin(person)) }
        return web.portal(person, status, title: "Settings", at: .settings, "settings", fields, messages: messages)
    }

    private func secondAdmin(_ person: PersonCall) -> PublicMessage {
        var message = PublicMessage.secondAdminRecommended
        if person.view.permissions.setup == .manage { message.link = ("/setup/users/new", "Add a user") }
        return message
    }

    /// The accepted form's way back, or the page again with the reason.
    private func conclude(
        _ person: PersonCall,
        _ event: AdministrationEvent,
        _ notice: Notice
    ) async throws -> Response {
        if let refusal = try await web.change(person, event) {
            return try await settings(person, refusal.status, refusal: refusal.message)
        }
        return web.redirect(Self.path, notice: notice)
    }

    // MARK: Require Two Factor Authentication

    private func require(_ person: PersonCall) async throws -> Response {
        try adminsOnly(person)
        guard let isOn = try await person.call.form().state(of: "require") else {
            return try await settings(person, .unprocessableContent, refusal: .switchRefused)
        }
        return try await conclude(person, .requireTwoFactor(isOn), isOn ? .requirementOn : .requirementOff)
    }

    private func confirmRequirement(_ person: PersonCall) async throws -> Response {
        try adminsOnly(person)
        let isOn = person.view.account.requiresTwoFactor
        let readiness = try await web.services.directory.readiness(person.view.account.id)
        let consequence =
            isOn
            ? "Nobody is asked to set it up any more. Logins that have it keep it."
            : SettingsFields(view: person.view, readiness: readiness).consequence
        return Confirmation(
            heading: isOn ? "Stop requiring two factor authentication?" : "Require two factor authentication?",
            sentence: consequence,
            action: "\(Self.path)/require-two-factor",
            confirmLabel: isOn ? "Switch off" : "Switch on",
            isDanger: isOn,
            cancelHref: Self.path
        ).page(web, person, .ok, at: .settings, adding: hidden("require", isOn ? "off" : "on"))
    }

    private func hidden(_ name: String, _ value: String) -> Fields {
        let field: Fields = ["hiddenName": name, "hiddenValue": value]
        return ["hiddenFields": [field]]
    }

    // MARK: Agents

    private func allowAgents(_ person: PersonCall) async throws -> Response {
        try adminsOnly(person)
        guard let isOn = try await person.call.form().state(of: "agent_sign_in") else {
            return try await settings(person, .unprocessableContent, refusal: .switchRefused)
        }
        return try await conclude(person, .allowAgentSignIn(isOn), .saved)
    }

    private func confirmAgents(_ person: PersonCall) async throws -> Response {
        try adminsOnly(person)
        let isOn = person.view.account.allowsAgentSignIn
        return Confirmation(
            heading: isOn ? "Switch agent sign-in off?" : "Switch agent sign-in on?",
            sentence: isOn
                ? "No agent can connect. Agents that are connected are signed out."
                : "Anyone whose role includes agents can connect one with login and password alone.",
            action: "\(Self.path)/agents",
            confirmLabel: isOn ? "Switch off" : "Switch on",
            isDanger: isOn,
            cancelHref: Self.path
        ).page(web, person, .ok, at: .settings, adding: hidden("agent_sign_in", isOn ? "off" : "on"))
    }

    // MARK: Session limits

    private func limitSessions(_ person: PersonCall) async throws -> Response {
        try adminsOnly(person)
        let form = try await person.call.form()
        let standard = SessionLimits.standard
        let idle = number(form["idle_minutes"])
        let lifetime = number(form["lifetime_hours"])
        if let idle, let lifetime, let limits = SessionLimits(idleMinutes: idle, lifetimeHours: lifetime) {
            return try await conclude(person, .limitSessions(limits), .saved)
        }
        var extra: Fields = ["idleMinutes": form["idle_minutes"], "lifetimeHours": form["lifetime_hours"]]
        // Each number beside a good one, to tell which of the two is refused.
        if idle.flatMap({ SessionLimits(idleMinutes: $0, lifetimeHours: standard.lifetimeHours) }) == nil {
            extra["idleMinutesError"] = "Use a number from 5 to 1,440."
        }
        if lifetime.flatMap({ SessionLimits(idleMinutes: standard.idleMinutes, lifetimeHours: $0) }) == nil {
            extra["lifetimeHoursError"] = "Use a number from 1 to 720."
        }
        return try await settings(person, .unprocessableContent, refusal: .formRefused, extra)
    }

    /// Digits and blanks around them; no signs, which `Int` would take.
    private func number(_ typed: String) -> Int? {
        let text = typed.trimmingBlanks()
        return text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }
}

extension PublicMessage {
    static let switchRefused = PublicMessage(
        "form_refused",
        "A switch is either on or off. Nothing was changed.",
        .danger
    )
}
