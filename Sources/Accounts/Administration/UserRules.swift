import Secrets

/// Changes to people: what each needs beyond authority, and what it ends.
extension AdministrationRules {
    static func creation(_ state: AdministrationState, _ new: NewUser) -> AdministrationDecision {
        guard let given = state.holdings(of: new.roleIDs, isAccountAdmin: new.user.isAccountAdmin) else {
            return .refused(.notFound)
        }
        if let actor = state.actor {
            guard state.holdings(of: actor).cover(given) else { return .refused(.exceedsOwnPermissions) }
            if state.isLoginTaken { return .refused(.loginTaken) }
            // The server's command line warns and may.
            if state.isLoginReserved { return .refused(.loginReserved) }
        }
        return accepted(
            state,
            .userCreated,
            [.insertUser(new)],
            [
                ActivityParameter("login", new.user.login),
                ActivityParameter("Account Admin", new.user.isAccountAdmin ? "yes" : "no"),
                ActivityParameter("roles", names(of: new.roleIDs, in: state.roles)),
            ],
            subject: new.user
        )
    }

    static func userChange(_ state: AdministrationState, _ event: AdministrationEvent) -> AdministrationDecision {
        guard let target = state.target, target.user.accountID == state.account.id else { return .refused(.notFound) }
        let user = target.user
        switch event {
        case .disableUser:
            return removing(
                state,
                target,
                .userDisabled,
                [.setEnabled(user.id, false)] + endingAll(user.id)
            )
        case .deleteUser:
            return removing(state, target, .userDeleted, [.deleteUser(user.id)])
        case .revokeAdmin:
            // The roles are read at every request, so that the right ends at once; sessions may go on.
            return removing(
                state,
                target,
                .adminRevoked,
                [.setAdmin(user.id, false), .endUnreachableTokens(user.id)]
            )
        case .enableUser:
            if let actor = state.actor, !actor.user.isAccountAdmin,
                state.holdings(of: target.roleIDs, isAccountAdmin: user.isAccountAdmin)
                    .map(state.holdings(of: actor).cover) != true
            {
                return .refused(.exceedsOwnPermissions)
            }
            return accepted(state, .userEnabled, [.setEnabled(user.id, true)], subject: user)
        case .grantAdmin:
            return accepted(state, .adminGranted, [.setAdmin(user.id, true)], subject: user)
        case .setRoles(let ids):
            guard let given = state.holdings(of: ids) else { return .refused(.notFound) }
            if let actor = state.actor, !state.holdings(of: actor).cover(given) {
                return .refused(.exceedsOwnPermissions)
            }
            return accepted(
                state,
                .rolesChanged,
                [.setRoles(user.id, ids), .endUnreachableTokens(user.id)],
                [ActivityParameter("roles", names(of: ids, in: state.roles))],
                subject: user
            )
        case .endSessions:
            return accepted(
                state,
                .sessionsEnded,
                endingAll(user.id),
                subject: user
            )
        case .endAPIToken(let id):
            guard let name = target.apiTokens[id] else { return .refused(.notFound) }
            return accepted(
                state,
                .apiTokenRevoked,
                [.endAPIToken(user.id, id)],
                [ActivityParameter("name", name)],
                subject: user
            )
        default:
            return credentialChange(state, target, event)
        }
    }

    /// What touches another person's password or second factor.
    private static func credentialChange(
        _ state: AdministrationState,
        _ target: TargetUser,
        _ event: AdministrationEvent
    ) -> AdministrationDecision {
        let user = target.user
        switch event {
        case .resetTwoFactor(let reason):
            // One's own is removed with a token, on Details: a stolen session must not be enough.
            if state.actor?.user.id == user.id { return .refused(.ownLogin) }
            return accepted(
                state,
                .twoFactorReset,
                // Tokens were made in sessions that passed the factor which is no longer trusted.
                [.clearTwoFactor(user.id), .endPortalSessions(user.id), .endAPITokens(user.id)],
                reason.isEmpty ? [] : [ActivityParameter("reason", reason)],
                subject: user
            )
        case .resetPassword(let link):
            if state.actor?.user.id == user.id { return .refused(.ownLogin) }
            // Until the link is used the person has no password: the same care as for disabling.
            return removing(
                state,
                target,
                .passwordReset,
                [.replacePasswordByLink(user.id, link)] + endingAll(user.id)
            )
        case .setPassword(let hash, let mustChange):
            guard state.actor == nil else { return .refused(.accessDenied) }
            return accepted(
                state,
                .passwordChanged,
                [.setPassword(user.id, hash, mustChange: mustChange)] + endingAll(user.id),
                subject: user
            )
        default:
            return .refused(.accessDenied)
        }
    }

    /// Everything that is open under a login.
    private static func endingAll(_ user: User.ID) -> [AdministrationEffect] {
        [.endPortalSessions(user), .endAgentSessions(user), .endAPITokens(user)]
    }

    /// Takes somebody's way in or their admin right, unless they are the last admin who can sign in.
    private static func removing(
        _ state: AdministrationState,
        _ target: TargetUser,
        _ kind: ActivityKind,
        _ effects: [AdministrationEffect]
    ) -> AdministrationDecision {
        let isLast = target.isAbleAdmin && state.otherAbleAdmins == 0
        if isLast, state.actor != nil { return .refused(.lastAdmin) }
        return accepted(state, kind, effects, subject: target.user, breaksLastAdmin: isLast)
    }

    private static func names(of ids: [Role.ID], in roles: [Role]) -> String {
        let names = roles.filter { ids.contains($0.id) }.map(\.name).sorted().joined(separator: ", ")
        return names.isEmpty ? "none" : names
    }
}
