package import Secrets

/// What somebody has, as one value that can be compared: nobody gives, takes over or becomes more than they have.
package struct Holdings: Sendable, Equatable {
    package var permissions: Permissions
    /// Applications that are open to some alone; with what each asks for and the paths that take tokens.
    package var applications: Set<Identifier>
    /// Has everything, whatever comes to be.
    package var isAccountAdmin: Bool

    package init(permissions: Permissions, applications: Set<Identifier>, isAccountAdmin: Bool = false) {
        self.permissions = permissions
        self.applications = applications
        self.isAccountAdmin = isAccountAdmin
    }

    package func cover(_ other: Holdings) -> Bool {
        if isAccountAdmin { return true }
        return !other.isAccountAdmin && permissions.cover(other.permissions)
            && applications.isSuperset(of: other.applications)
    }
}

/// Which applications each role opens.
package struct RoleApplications: Sendable, Equatable {
    package var byRole: [Role.ID: Set<Identifier>]

    package init(_ byRole: [Role.ID: Set<Identifier>] = [:]) {
        self.byRole = byRole
    }

    package func opened(by roles: some Sequence<Role.ID>) -> Set<Identifier> {
        roles.reduce(into: []) { $0.formUnion(byRole[$1] ?? []) }
    }
}

extension AdministrationState {
    /// Of the acting person.
    func holdings(of actor: ActingUser) -> Holdings {
        Holdings(
            permissions: actor.permissions,
            applications: applications.opened(by: actor.roleIDs),
            isAccountAdmin: actor.user.isAccountAdmin
        )
    }

    /// Of a person with these roles; nil when one of them is not there.
    func holdings(of ids: [Role.ID], isAccountAdmin: Bool = false) -> Holdings? {
        let chosen = roles.filter { ids.contains($0.id) }
        guard chosen.count == Set(ids).count else { return nil }
        return Holdings(
            permissions: Permissions(isAccountAdmin: isAccountAdmin, roles: chosen.map(\.permissions)),
            applications: applications.opened(by: ids),
            isAccountAdmin: isAccountAdmin
        )
    }
}
