package import Secrets

/// A person of an account.
package struct User: Sendable, Equatable {
    package typealias ID = Secrets.ID<User>

    package var id: ID
    package var accountID: Account.ID
    package var login: String
    package var name: String
    package var email: String
    /// Overrides every role (S-29).
    package var isAccountAdmin: Bool
    package var isEnabled: Bool

    package init(
        id: ID,
        accountID: Account.ID,
        login: String,
        name: String,
        email: String = "",
        isAccountAdmin: Bool = false,
        isEnabled: Bool = true
    ) {
        self.id = id
        self.accountID = accountID
        self.login = login
        self.name = name
        self.email = email
        self.isAccountAdmin = isAccountAdmin
        self.isEnabled = isEnabled
    }

    /// What pages and the activity log call the person.
    package var displayName: String { name.isEmpty ? login : name }
}
