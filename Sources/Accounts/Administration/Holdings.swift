/// What somebody has, as one value that can be compared: nobody gives, takes over or becomes more than they have.
package struct Holdings: Sendable, Equatable {
    package var permissions: Permissions
    /// Roles that open an application, with what it asks for and the paths that take tokens. By the role and not by the
    /// application: a console hears the names of the roles, and may give more to one than to another.
    package var keys: Set<Role.ID>
    /// Has everything, whatever comes to be.
    package var isAccountAdmin: Bool

    package init(permissions: Permissions, keys: Set<Role.ID>, isAccountAdmin: Bool = false) {
        self.permissions = permissions
        self.keys = keys
        self.isAccountAdmin = isAccountAdmin
    }

    package func cover(_ other: Holdings) -> Bool {
        if isAccountAdmin { return true }
        return !other.isAccountAdmin && permissions.cover(other.permissions) && keys.isSuperset(of: other.keys)
    }
}

extension AdministrationState {
    /// Of the acting person.
    func holdings(of actor: ActingUser) -> Holdings {
        Holdings(
            permissions: actor.permissions,
            keys: actor.roleIDs.intersection(keys),
            isAccountAdmin: actor.user.isAccountAdmin
        )
    }

    /// Of a person with these roles; nil when one of them is not there.
    func holdings(of ids: [Role.ID], isAccountAdmin: Bool = false) -> Holdings? {
        let chosen = roles.filter { ids.contains($0.id) }
        guard chosen.count == Set(ids).count else { return nil }
        return Holdings(
            permissions: Permissions(isAccountAdmin: isAccountAdmin, roles: chosen.map(\.permissions)),
            keys: Set(ids).intersection(keys),
            isAccountAdmin: isAccountAdmin
        )
    }
}
