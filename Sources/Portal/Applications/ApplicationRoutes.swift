import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// The Applications tab: what stands behind the portal, and who may use it.
struct ApplicationRoutes: Sendable {
    let web: Web

    static let path = "/applications"

    func add(to router: Router<PortalContext>) {
        page(router, .get, "", list)
        page(router, .post, "", level: .manage, create)
        page(router, .get, "/new", level: .manage, showNew)
        page(router, .get, "/:id", show)
        page(router, .post, "/:id", level: .manage, change)
        page(router, .get, "/:id/delete", level: .manage, confirmDelete)
        page(router, .post, "/:id/delete", level: .manage, delete)
        page(router, .get, "/:id/rules", show)
        page(router, .post, "/:id/rules", level: .manage, addRule)
        page(router, .get, "/:id/rules/:rule/delete", level: .manage, confirmDeleteRule)
        page(router, .post, "/:id/rules/:rule/delete", level: .manage, deleteRule)
    }

    private func page(
        _ router: Router<PortalContext>,
        _ method: HTTPRequest.Method,
        _ path: String,
        level: AccessLevel = .view,
        _ handler: @escaping @Sendable (PersonCall) async throws -> Response
    ) {
        router.page(method, RouterPath(Self.path + path), web, tab: .applications, level: level, handler)
    }

    private func applications(_ person: PersonCall) async throws -> [Application] {
        try await web.services.gatekeeper.store.applications(person.view.account.id)
    }

    func application(_ person: PersonCall) async throws -> Application {
        guard let id = Application.ID(person.call.parameter("id")),
            let application = try await applications(person).first(where: { $0.id == id })
        else { throw PageError.notFound }
        return application
    }

    func roles(_ person: PersonCall) async throws -> [Role] {
        try await web.services.directory.roles(person.view.account.id).map(\.role)
    }

    /// Whoever makes an application makes it for roles of their own.
    private func offeredRoles(_ person: PersonCall) async throws -> [Role] {
        let roles = try await roles(person)
        guard !person.view.user.isAccountAdmin else { return roles }
        let own = try await web.services.gatekeeper.store.roles(of: person.view.user.id)
        return roles.filter { own[$0.id] != nil }
    }

    /// Asks for a change; the rule decides inside the transaction.
    /// - Returns: nil when it was made.
    func ask(
        _ person: PersonCall,
        _ application: Application.ID?,
        _ event: ApplicationEvent
    ) async throws -> ApplicationRefusal? {
        let decision = try await web.services.gatekeeper.store.changeApplication(
            person.view.account.id,
            application,
            actor: person.actor,
            event: event,
            portalOrigin: Origin(web.configuration.publicURL.origin),
            at: web.services.now
        )
        switch decision {
        case .accepted: return nil
        case .needsProof(let entry): throw ProofRequired(for: entry)
        case .refused(.sessionEnded): throw SessionEnded()
        case .refused(.accessDenied): throw PageError.accessDenied
        case .refused(.notFound): throw PageError.notFound
        case .refused(let refusal): return refusal
        }
    }

    // MARK: The list

    private func list(_ person: PersonCall) async throws -> Response {
        let applications = try await applications(person)
        let names = Dictionary(uniqueKeysWithValues: try await roles(person).map { ($0.id, $0.name) })
        let rows: [Fields] = applications.map { application in
            [
                "rowHref": "\(Self.path)/\(application.id)", "rowName": application.name,
                "rowOrigin": application.origin.text, "rowIsTwoFactor": application.assurance == .twoFactor,
                "rowAudience": Self.audience(application, names), "rowRules": CountText.of(application.rules.count),
            ]
        }
        let fields: Fields = [
            "canManage": person.view.permissions.applications == .manage, "hasApplications": !rows.isEmpty,
            "applications": rows, "isUntrusted": web.configuration.trustedProxies.isEmpty,
        ]
        return web.portal(person, title: "Applications", at: .applications, "applications", fields)
    }

    static func audience(_ application: Application, _ names: [Role.ID: String]) -> String {
        switch application.audience {
        case .everybody: "Everybody"
        case .roles(let ids) where ids.isEmpty: "Account Admins only"
        case .roles(let ids): ids.compactMap { names[$0] }.sorted().joined(separator: ", ")
        }
    }

    // MARK: A new one

    private func showNew(_ person: PersonCall) async throws -> Response {
        try await newPage(person, .ok, ApplicationForm(), [])
    }

    private func newPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ form: ApplicationForm,
        _ messages: [PublicMessage],
        _ errors: Fields = [:]
    ) async throws -> Response {
        let heading = "New application"
        let more: Fields = [
            "heading": heading, "action": Self.path, "saveLabel": "Create application", "canManage": true,
            "isNew": true, "canChangeDoor": person.view.user.isAccountAdmin, "canChooseRoles": true,
        ]
        let fields = form.fields(roles: try await offeredRoles(person)).merging(more) { $1 }.merging(errors) { $1 }
        return web.portal(person, status, title: heading, at: .applications, "application", fields, messages: messages)
    }

    private func create(_ person: PersonCall) async throws -> Response {
        var form = try ApplicationForm(try await person.call.form(), over: nil)
        if form.roleIDs.isEmpty, !person.view.user.isAccountAdmin {
            form.roleIDs = Set(try await offeredRoles(person).map(\.id))
        }
        let id = Application.ID(random: web.services.ceremony.random)
        guard let application = form.application(id, of: person.view.account.id, over: nil) else {
            return try await newPage(person, .unprocessableContent, form, [.formRefused], form.errors)
        }
        if let refusal = try await ask(person, nil, .create(application)) {
            return try await newPage(
                person,
                Self.status(of: refusal),
                form,
                [Self.message(of: refusal, application, person)],
                Self.errors(of: refusal)
            )
        }
        return web.redirect("\(Self.path)/\(id)", notice: .applicationCreated)
    }

    private static func message(
        of refusal: ApplicationRefusal,
        _ application: Application,
        _ person: PersonCall
    ) -> PublicMessage {
        switch refusal {
        case .originNotGranted: .originNotGranted(application.origin.host, person.view.account.id.description)
        case .accountAdminsOnly: .accountAdminsOnly
        case .hostNotNew: .hostNotNew
        case .beyondOwnRoles: .beyondOwnRoles
        default: .formRefused
        }
    }

    static func status(of refusal: ApplicationRefusal) -> HTTPResponse.Status {
        [.accountAdminsOnly, .beyondOwnRoles, .hostNotNew].contains(refusal) ? .forbidden : .unprocessableContent
    }

    static func errors(of refusal: ApplicationRefusal) -> Fields {
        switch refusal {
        case .originTaken: ["originError": "Another application has this address."]
        case .originNotGranted: ["originError": "This host was not granted to your account."]
        case .originOfPortal: ["originError": "This is the portal's own address."]
        case .unknownRole: ["roleError": "One of these roles is not there any more."]
        case .encodedPathsWithRules:
            ["encodedPathsError": "Rules for paths and paths as they come exclude each other. Remove one of them."]
        case .ruleTaken: ["pathError": "There is a rule for this path already."]
        case .tooManyRules: ["pathError": "There is no room for another rule. An Account Admin can remove some."]
        case .misleadingHeader:
            ["headersError": "Each header carries one value, and its name must not say that it carries another."]
        case .hostNotNew: ["originError": "This host has an application, or had one."]
        case .beyondOwnRoles: ["roleError": "Tick one or more roles that you have yourself."]
        case .accessDenied, .notFound, .sessionEnded, .accountAdminsOnly: [:]
        }
    }

    // MARK: One application

    private func show(_ person: PersonCall) async throws -> Response {
        let application = try await application(person)
        return try await editPage(person, .ok, application, ApplicationForm(application), [])
    }

    func editPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ application: Application,
        _ form: ApplicationForm,
        _ messages: [PublicMessage],
        _ extra: Fields = [:]
    ) async throws -> Response {
        let canManage = person.view.permissions.applications == .manage
        let isAdmin = person.view.user.isAccountAdmin
        let roles = try await roles(person)
        let store = web.services.gatekeeper.store
        let since = web.services.now - UnpinnedQuestions.warningSeconds
        let unpinned = try await store.unpinned(person.view.account.id, since: since)[application.id]
        var more: Fields = [
            "heading": application.name, "action": "\(Self.path)/\(application.id)", "saveLabel": "Save",
            "canManage": canManage, "canChangeDoor": isAdmin, "canChooseRoles": isAdmin,
            "isNew": false, "openHref": application.origin.text + "/",
            "isClosed": application.audience == .roles([]), "isEverybody": application.audience == .everybody,
            "hasRules": !application.rules.isEmpty, "canAddRule": canManage && !application.allowsEncodedPaths,
            "rules": application.rules.map { RuleForm.row($0, of: application, canManage: isAdmin) },
            "ruleMatches": RuleForm.matches(""),
            "ruleActions": RuleForm.actions("", in: application, isAdmin: isAdmin),
        ]
        if let unpinned { more["unpinnedLast"] = TimeText(zone: person.view.account.timeZone).minute(unpinned) }
        let fields = form.fields(roles: roles).merging(more) { $1 }.merging(extra) { $1 }
        return web.portal(
            person,
            status,
            title: application.name,
            at: .applications,
            "application",
            fields,
            messages: messages
        )
    }

    private func change(_ person: PersonCall) async throws -> Response {
        let old = try await application(person)
        let form = try ApplicationForm(
            try await person.call.form(),
            over: old,
            keepsRoles: !person.view.user.isAccountAdmin
        )
        guard let new = form.application(old.id, of: person.view.account.id, over: old) else {
            return try await editPage(person, .unprocessableContent, old, form, [.formRefused], form.errors)
        }
        if let refusal = try await ask(person, old.id, .change(new)) {
            let (message, errors) = (Self.message(of: refusal, new, person), Self.errors(of: refusal))
            return try await editPage(person, Self.status(of: refusal), old, form, [message], errors)
        }
        return web.redirect("\(Self.path)/\(old.id)", notice: .saved)
    }

    private func confirmDelete(_ person: PersonCall) async throws -> Response {
        guard person.view.user.isAccountAdmin else { throw PageError.accessDenied }
        let application = try await application(person)
        return Confirmation(
            heading: "Delete \(application.name)?",
            sentence: "\(application.origin.text) is no longer behind this portal.",
            consequences: [
                "Everybody who works in it is logged out of it at once.",
                "A proxy that still asks about it lets nobody in.",
            ],
            action: "\(Self.path)/\(application.id)/delete",
            confirmLabel: "Delete application",
            isDanger: true,
            cancelHref: "\(Self.path)/\(application.id)"
        ).page(web, person, at: .applications)
    }

    private func delete(_ person: PersonCall) async throws -> Response {
        let application = try await application(person)
        if try await ask(person, application.id, .delete) != nil { throw PageError.accessDenied }
        return web.redirect(Self.path, notice: .applicationDeleted)
    }
}
