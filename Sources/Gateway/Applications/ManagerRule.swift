import Accounts

/// What somebody with `applications: manage` may do who is no Account Admin: make applications that ask for two-factor
/// and are for roles of their own, on hosts that had none; change names; close paths. So nobody walks in by the door that
/// they make.
enum ManagerRule {
    static func refusal(
        of event: ApplicationEvent,
        by actor: ActingUser,
        _ state: ApplicationState
    ) -> ApplicationRefusal? {
        if actor.user.isAccountAdmin { return nil }
        switch event {
        case .create(let new):
            guard new.assurance == .twoFactor, new.headers == .standard, !new.allowsEncodedPaths else {
                return .accountAdminsOnly
            }
            guard case .roles(let ids) = new.audience, !ids.isEmpty, ids.isSubset(of: actor.roleIDs) else {
                return .beyondOwnRoles
            }
            // A proxy may stand there already, and what was closed to them would open.
            guard state.host.usedBy.isEmpty, !state.host.wasUsed, new.origin.host != state.portalOrigin?.host else {
                return .hostNotNew
            }
            return nil
        case .change(let new):
            guard var renamed = state.application else { return nil }
            renamed.name = new.name
            renamed.rules = new.rules
            return renamed == new ? nil : .accountAdminsOnly
        case .addRule:
            if event.weakensOrGrants(over: state.application) { return .accountAdminsOnly }
            let rules = state.application?.rules.count ?? 0
            return rules < ApplicationRules.maximumManagersRules ? nil : .tooManyRules
        // Made anew by its manager it would have lost its rules.
        case .delete, .removeRule: return .accountAdminsOnly
        }
    }
}
