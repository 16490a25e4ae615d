package import Accounts
import Secrets

/// A change to the applications of an account.
package enum ApplicationEvent: Sendable {
    case create(Application)
    /// Everything but the rules for paths.
    case change(Application)
    case delete
    case addRule(PathRule)
    case removeRule(PathRule.ID)
}

package enum ApplicationRefusal: Sendable, Equatable {
    case accessDenied
    /// The session ended, or goes on under another token, since the request began.
    case sessionEnded
    /// No such application or rule in this account.
    case notFound
    /// A role that the account does not have.
    case unknownRole
    /// Another application has this origin.
    case originTaken
    /// The host is not this account's to use.
    case originNotGranted
    /// The portal's own origin: its cookies are no application's.
    case originOfPortal
    /// A rule for the same path and match is there already.
    case ruleTaken
    case tooManyRules
    /// Rules for paths and paths as they come exclude each other.
    case encodedPathsWithRules
    /// A header named after another value than the one that it carries.
    case misleadingHeader
    /// A manager makes applications where none is and none was.
    case hostNotNew
    /// A manager makes applications for roles of their own.
    case beyondOwnRoles
    /// Addresses, audiences, what is asked for, headers and openings are an Account Admin's.
    case accountAdminsOnly
}

/// What one transaction writes for an accepted change.
package enum ApplicationEffect: Sendable {
    case insert(Application)
    case update(Application)
    /// What the operator puts on a host is a grant of it.
    case grantHost(HostPattern)
    case delete(Application.ID)
    case insertRule(Application.ID, PathRule)
    case deleteRule(Application.ID, PathRule.ID)
    /// What tokens open there, or anywhere, whose owner may not use it any more.
    case endUnreachableTokens(Application.ID?)
    /// A proxy may go on asking about an application that is not there any more.
    case rememberHost(String)
    /// Its sessions and tickets.
    case endSessions(Application.ID)
}

package enum ApplicationDecision: Sendable {
    case refused(ApplicationRefusal)
    case accepted([ApplicationEffect], ActivityEntry)
    /// It would be accepted after a fresh proof; the entry says what would be done.
    case needsProof(ActivityEntry)
}

/// What the rule looks at, read in the transaction that applies its decision.
package struct ApplicationState: Sendable {
    package var account: Account
    /// Nil for the server's command line.
    package var actor: ActingUser?
    /// The application that the event is about.
    package var application: Application?
    package var roles: [Role]
    /// An application, of whatever account, that has the origin which the event names.
    package var originOwner: Application.ID?
    /// Of the host of that origin.
    package var host: HostClaims
    package var portalOrigin: Origin?

    package init(
        account: Account,
        actor: ActingUser?,
        application: Application? = nil,
        roles: [Role] = [],
        originOwner: Application.ID? = nil,
        host: HostClaims = HostClaims(),
        portalOrigin: Origin? = nil
    ) {
        self.account = account
        self.actor = actor
        self.application = application
        self.roles = roles
        self.originOwner = originOwner
        self.host = host
        self.portalOrigin = portalOrigin
    }
}

/// Who may change applications, and what a change must keep to.
package enum ApplicationRules {
    package static let maximumRules = 100
    /// Of these for managers, who cannot take one away: an Account Admin must find room.
    package static let maximumManagersRules = 80

    package static func decide(_ state: ApplicationState, _ event: ApplicationEvent) -> ApplicationDecision {
        if let actor = state.actor {
            guard actor.user.isEnabled, actor.user.accountID == state.account.id,
                actor.permissions.applications == .manage
            else { return .refused(.accessDenied) }
        }
        let decision = consequence(state, event)
        guard case .accepted(_, let entry) = decision, let actor = state.actor else { return decision }
        if let refusal = ManagerRule.refusal(of: event, by: actor, state) { return .refused(refusal) }
        return actor.isProven || !event.weakensOrGrants(over: state.application) ? decision : .needsProof(entry)
    }

    private static func consequence(_ state: ApplicationState, _ event: ApplicationEvent) -> ApplicationDecision {
        switch event {
        case .create(let new):
            if let refusal = refusal(of: new, state) { return .refused(refusal) }
            let grants = state.actor == nil ? [ApplicationEffect.grantHost(HostPattern(new.origin))] : []
            return accepted(state, .applicationCreated, [.insert(new)] + grants, describing(new, state))
        case .change(let new):
            guard let old = state.application, old.id == new.id else { return .refused(.notFound) }
            if let refusal = refusal(of: new, state) { return .refused(refusal) }
            var effects: [ApplicationEffect] = [.update(new), .endUnreachableTokens(new.id)]
            // A cookie or a ticket of the old host must open nothing at the new one, nor when it comes back.
            if new.origin != old.origin { effects += [.endSessions(new.id), .rememberHost(old.origin.host)] }
            return accepted(state, .applicationChanged, effects, describing(new, state, was: old.name))
        case .delete:
            guard let old = state.application else { return .refused(.notFound) }
            let effects: [ApplicationEffect] = [
                .delete(old.id), .endUnreachableTokens(nil), .rememberHost(old.origin.host),
            ]
            return accepted(state, .applicationDeleted, effects, [ActivityParameter("application", old.name)])
        case .addRule(let rule): return adding(rule, state)
        case .removeRule(let id):
            guard let application = state.application, let rule = application.rules.first(where: { $0.id == id }) else {
                return .refused(.notFound)
            }
            return accepted(
                state,
                .applicationRuleRemoved,
                [.deleteRule(application.id, id)],
                describing(rule, of: application)
            )
        }
    }

    private static func refusal(of application: Application, _ state: ApplicationState) -> ApplicationRefusal? {
        if application.origin == state.portalOrigin { return .originOfPortal }
        // Before it is told that somebody has the origin: whose hosts there are is nobody else's business.
        if let actor = state.actor, state.application?.origin.host != application.origin.host,
            !state.host.allows(actor.user.accountID)
        {
            return .originNotGranted
        }
        if let owner = state.originOwner, owner != application.id { return .originTaken }
        guard application.audience.roleIDs.isSubset(of: state.roles.map(\.id)) else { return .unknownRole }
        if application.headers != state.application?.headers, application.headers.isMisleading {
            return .misleadingHeader
        }
        if application.allowsEncodedPaths, state.application?.rules.isEmpty == false { return .encodedPathsWithRules }
        return nil
    }

    private static func adding(_ rule: PathRule, _ state: ApplicationState) -> ApplicationDecision {
        guard let application = state.application else { return .refused(.notFound) }
        if application.allowsEncodedPaths { return .refused(.encodedPathsWithRules) }
        guard application.rules.count < maximumRules else { return .refused(.tooManyRules) }
        let isTaken = application.rules.contains { $0.match == rule.match && $0.path.folded == rule.path.folded }
        if isTaken { return .refused(.ruleTaken) }
        return accepted(
            state,
            .applicationRuleAdded,
            [.insertRule(application.id, rule)],
            describing(rule, of: application)
        )
    }

    // MARK: The entry

    /// - Parameter was: the name that people know it by so far.
    private static func describing(
        _ application: Application,
        _ state: ApplicationState,
        was: String? = nil
    ) -> [ActivityParameter] {
        let names = state.roles.filter { application.audience.roleIDs.contains($0.id) }.map(\.name).sorted()
        var more: [ActivityParameter] = []
        if let was, was != application.name { more.append(ActivityParameter("new name", application.name)) }
        if application.headers != .standard || state.application.map({ $0.headers != .standard }) == true {
            more.append(ActivityParameter("headers", application.headers.all.joined(separator: ", ")))
        }
        let old = state.application
        if application.allowsEncodedPaths || old?.allowsEncodedPaths == true {
            more.append(ActivityParameter("paths as they come", application.allowsEncodedPaths ? "on" : "off"))
        }
        if application.sessionHours != nil || old?.sessionHours != nil {
            more.append(ActivityParameter("hours", application.sessionHours.map(String.init) ?? "as the portal"))
        }
        return [
            ActivityParameter("application", was ?? application.name),
            ActivityParameter("origin", application.origin.text),
            ActivityParameter("assurance", application.assurance.rawValue),
            ActivityParameter(
                "roles",
                application.audience == .everybody ? "everybody" : names.joined(separator: ", ")
            ),
        ] + more
    }

    private static func describing(_ rule: PathRule, of application: Application) -> [ActivityParameter] {
        [
            ActivityParameter("application", application.name), ActivityParameter("path", rule.path.text),
            ActivityParameter("match", rule.match.rawValue), ActivityParameter("action", rule.action.rawValue),
        ]
    }

    private static func accepted(
        _ state: ApplicationState,
        _ kind: ActivityKind,
        _ effects: [ApplicationEffect],
        _ parameters: [ActivityParameter]
    ) -> ApplicationDecision {
        let entry = ActivityEntry(
            kind,
            accountID: state.account.id,
            actor: state.actor.map { ActivityPerson($0.user) },
            address: state.actor?.address ?? "",
            parameters: parameters
        )
        return .accepted(effects, entry)
    }
}
