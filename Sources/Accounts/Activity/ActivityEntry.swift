import Secrets

/// One line of the activity log, committed together with what it tells (INV-9).
package struct ActivityEntry: Sendable, Equatable {
    package var kind: ActivityKind
    /// Nil for what belongs to no tenant: a try with an unknown login.
    package var accountID: Account.ID?
    package var actor: ActivityPerson?
    package var subject: ActivityPerson?
    /// The client's address, or empty for the server's command line.
    package var address: String
    /// Facts in words, never a secret, a code or what somebody typed as a login.
    package var parameters: [ActivityParameter]
    /// Entries with the same key become one with a count (refusals by a limit, per login, kind and minute).
    package var mergeKey: String?

    package init(
        _ kind: ActivityKind,
        accountID: Account.ID?,
        actor: ActivityPerson? = nil,
        subject: ActivityPerson? = nil,
        address: String = "",
        parameters: [ActivityParameter] = [],
        mergeKey: String? = nil
    ) {
        self.kind = kind
        self.accountID = accountID
        self.actor = actor
        self.subject = subject
        self.address = address
        self.parameters = parameters
        self.mergeKey = mergeKey
    }
}

/// Who did something or to whom, named as they were called then.
package struct ActivityPerson: Sendable, Equatable {
    package let id: User.ID
    package let name: String
    package let login: String

    package init(id: User.ID, name: String, login: String) {
        self.id = id
        self.name = name
        self.login = login
    }

    package init(_ user: User) {
        self.init(id: user.id, name: user.displayName, login: user.login)
    }
}

/// A named fact of an entry.
package struct ActivityParameter: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
