import Accounts

/// What somebody with `applications: manage` may do who is no Account Admin: make applications that ask for two-factor and
/// are for roles of their own, change names, and close paths. So nobody walks in by the door that they make.
enum ManagerRule {
    static func refusal(
        of event: ApplicationEvent,
        by actor: ActingUser,
        over application: Application?
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
            return nil
        case .change(let new):
            guard var renamed = application else { return nil }
            renamed.name = new.name
            renamed.rules = new.rules
            return renamed == new ? nil : .accountAdminsOnly
        case .addRule: return event.weakensOrGrants(over: application) ? .accountAdminsOnly : nil
        // Made anew by its manager it would have lost its rules.
        case .delete, .removeRule: return .accountAdminsOnly
        }
    }
}
