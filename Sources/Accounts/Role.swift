package import Secrets

/// A named set of permissions of one account.
package struct Role: Sendable, Equatable {
    package typealias ID = Secrets.ID<Role>

    package var id: ID
    package var accountID: Account.ID
    package var name: String
    package var description: String
    package var permissions: Permissions

    package init(id: ID, accountID: Account.ID, name: String, description: String = "", permissions: Permissions) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.description = description
        self.permissions = permissions
    }
}
