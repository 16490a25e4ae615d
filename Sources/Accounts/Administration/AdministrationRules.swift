package import Secrets

/// Who may change what, and what a change brings with it.
///
///     (state, event) -> refused(why) | accepted(effects, activity entry)
///
/// Nothing here reads a clock or a database: the store calls it inside the transaction that applies the answer, so
/// that two admins who demote each other at once cannot both succeed (threats F04).
package enum AdministrationRules {
    package static func decide(_ state: AdministrationState, _ event: AdministrationEvent) -> AdministrationDecision {
        if let refusal = authority(state, event) { return .refused(refusal) }
        let decision = consequence(state, event)
        // Asked for after every other refusal, so that nobody proves themselves for nothing.
        guard case .accepted(_, let entry, _) = decision, let actor = state.actor, !actor.isProven,
            event.weakensOrGrants(in: state.account)
        else { return decision }
        return .needsProof(entry)
    }

    private static func consequence(
        _ state: AdministrationState,
        _ event: AdministrationEvent
    ) -> AdministrationDecision {
        switch event {
        case .requireTwoFactor, .allowAgentSignIn, .limitSessions, .changeAccount: accountChange(state, event)
        case .createUser(let user): creation(state, user)
        case .createRole, .changeRole, .deleteRole: roleChange(state, event)
        default: userChange(state, event)
        }
    }

    // MARK: Who may

    private static func authority(
        _ state: AdministrationState,
        _ event: AdministrationEvent
    ) -> AdministrationRefusal? {
        guard let actor = state.actor else { return serverAuthority(state, event) }
        guard actor.user.isEnabled, actor.user.accountID == state.account.id else { return .accessDenied }
        guard isAllowed(actor, event, target: state.target) else { return .accessDenied }
        if case .requireTwoFactor = event, !actor.hasTwoFactor { return .configureOwnFirst }
        // A session that did not pass the factor of its owner does what takes from others at most.
        if actor.hasTwoFactor, !actor.passedTwoFactor, !isHarmless(event) { return .twoFactorRequired }
        return nil
    }

    private static func serverAuthority(
        _ state: AdministrationState,
        _ event: AdministrationEvent
    ) -> AdministrationRefusal? {
        if case .requireTwoFactor(true) = event, state.configuredAdmins == 0 { return .adminFirst }
        return nil
    }

    private static func isAllowed(_ actor: ActingUser, _ event: AdministrationEvent, target: TargetUser?) -> Bool {
        if actor.user.isAccountAdmin { return true }
        switch event {
        case .changeAccount: return actor.permissions.accounts == .manage
        case .createUser(let new): return actor.permissions.setup == .manage && !new.user.isAccountAdmin
        // Only an Account Admin acts on another person's credentials, roles or admin flag, or on an admin at all.
        case .disableUser, .enableUser, .deleteUser, .endSessions, .endAPIToken:
            return actor.permissions.setup == .manage && target?.user.isAccountAdmin != true
        default: return false
        }
    }

    private static func isHarmless(_ event: AdministrationEvent) -> Bool {
        switch event {
        case .changeAccount, .endSessions, .endAPIToken: true
        default: false
        }
    }

    // MARK: The account

    private static func accountChange(
        _ state: AdministrationState,
        _ event: AdministrationEvent
    ) -> AdministrationDecision {
        switch event {
        case .requireTwoFactor(let on):
            return accepted(state, on ? .requirementOn : .requirementOff, [.setRequirement(on)])
        case .allowAgentSignIn(let on):
            // Off means off: agents that are signed in stop as well.
            let effects: [AdministrationEffect] =
                on ? [.setAgentSignIn(true)] : [.setAgentSignIn(false), .endAllAgentSessions]
            return accepted(state, on ? .agentSignInOn : .agentSignInOff, effects)
        case .limitSessions(let limits):
            return accepted(
                state,
                .sessionLimitsChanged,
                [.setSessionLimits(limits)],
                [
                    ActivityParameter("idle minutes", String(limits.idleMinutes)),
                    ActivityParameter("lifetime hours", String(limits.lifetimeHours)),
                ]
            )
        case .changeAccount(let name, let email, let timeZone):
            return accepted(
                state,
                .accountChanged,
                [.setAccount(name: name, email: email, timeZone: timeZone)],
                [ActivityParameter("name", name)]
            )
        default:
            return .refused(.accessDenied)
        }
    }

    // MARK: Roles

    private static func roleChange(_ state: AdministrationState, _ event: AdministrationEvent) -> AdministrationDecision
    {
        switch event {
        case .createRole(let role):
            if isTaken(role.name, in: state, except: nil) { return .refused(.roleNameTaken) }
            return accepted(state, .roleCreated, [.insertRole(role)], describing(role))
        case .changeRole(let role):
            guard let old = state.roles.first(where: { $0.id == role.id }) else { return .refused(.notFound) }
            if isTaken(role.name, in: state, except: role.id) { return .refused(.roleNameTaken) }
            return accepted(state, .roleChanged, [.updateRole(role)], describing(role, was: old.name))
        case .deleteRole(let id):
            guard let role = state.roles.first(where: { $0.id == id }) else { return .refused(.notFound) }
            return accepted(
                state,
                .roleDeleted,
                [.deleteRole(id), .endUnreachableTokens(nil)],
                [ActivityParameter("role", role.name)]
            )
        default:
            return .refused(.accessDenied)
        }
    }

    private static func isTaken(_ name: String, in state: AdministrationState, except id: Role.ID?) -> Bool {
        state.roles.contains { $0.name == name && $0.id != id }
    }

    /// - Parameter was: the name that people know it by so far.
    private static func describing(_ role: Role, was: String? = nil) -> [ActivityParameter] {
        let renamed = was.map { $0 != role.name } ?? false
        return [ActivityParameter("role", was ?? role.name)]
            + (renamed ? [ActivityParameter("new name", role.name)] : [])
            + Tab.allCases.map { ActivityParameter($0.rawValue, role.permissions[$0].label) }
            + [ActivityParameter("agents", role.permissions.agent ? "On" : "Off")]
    }

    // MARK: The entry

    /// A refused change is told once a minute, with a count. What somebody's role keeps from them writes nothing:
    /// access checks never do.
    package static func refusalEntry(
        _ state: AdministrationState,
        _ event: AdministrationEvent,
        _ refusal: AdministrationRefusal,
        at now: UnixTime
    ) -> ActivityEntry? {
        // Nor does what a form can be mistyped to.
        let untold: [AdministrationRefusal] = [
            .accessDenied, .notFound, .sessionEnded, .loginTaken, .roleNameTaken, .loginReserved,
        ]
        guard !untold.contains(refusal) else { return nil }
        let actor = state.actor?.user
        let change = String(describing: event).prefix { $0.isLetter }
        return ActivityEntry(
            .changeRefused,
            accountID: state.account.id,
            actor: actor.map { ActivityPerson($0) },
            subject: actor?.id == state.target?.user.id ? nil : state.target.map { ActivityPerson($0.user) },
            address: state.actor?.address ?? "",
            parameters: [
                ActivityParameter("change", String(change)), ActivityParameter("reason", refusal.rawValue),
            ],
            mergeKey: "refused \(actor?.id.description ?? "server") \(change) \(refusal.rawValue) \(now.seconds / 60)"
        )
    }

    static func accepted(
        _ state: AdministrationState,
        _ kind: ActivityKind,
        _ effects: [AdministrationEffect],
        _ parameters: [ActivityParameter] = [],
        subject: User? = nil,
        breaksLastAdmin: Bool = false
    ) -> AdministrationDecision {
        let isOwn = subject != nil && subject?.id == state.actor?.user.id
        let entry = ActivityEntry(
            kind,
            accountID: state.account.id,
            actor: state.actor.map { ActivityPerson($0.user) },
            subject: isOwn ? nil : subject.map(ActivityPerson.init),
            address: state.actor?.address ?? "",
            parameters: parameters
        )
        return .accepted(effects, entry, breaksLastAdmin: breaksLastAdmin)
    }
}
