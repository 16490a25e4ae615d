import Accounts
import Credentials
import Secrets
import Storage

/// Finds what a command names, and asks for changes in the name of the server.
struct People {
    let composition: Composition

    private var directory: any Directory { composition.store }
    private var administration: any AdministrationStore { composition.store }

    // MARK: Finding

    /// By id or exact name; a name that two accounts have names neither.
    func account(_ text: String) async throws -> Account {
        let name = NormalizedText.nfc(text)
        let accounts = try await directory.accounts()
        if let account = accounts.first(where: { $0.id.description == name.lowercased() }) { return account }
        let named = accounts.filter { $0.name.utf8.elementsEqual(name.utf8) }
        guard let account = named.first else { throw CommandFailure("There is no account \(text).") }
        guard named.count == 1 else {
            throw CommandFailure("There are \(named.count) accounts named \(text); give the id of one.")
        }
        return account
    }

    func user(_ text: String) async throws -> User {
        guard let login = Login(NormalizedText.nfc(text)), let user = try await directory.user(login: login) else {
            throw CommandFailure("There is no user with the login \(text).")
        }
        return user
    }

    /// All people of an account, in the order of their logins.
    func users(_ account: Account) async throws -> [UserSummary] {
        var users: [UserSummary] = []
        var query = UserQuery()
        while true {
            let page = try await directory.users(account.id, query)
            users += page.items
            if page.items.isEmpty || users.count >= page.total { return users }
            query.page += 1
        }
    }

    func roleIDs(_ names: [String], in account: Account) async throws -> [Role.ID] {
        guard !names.isEmpty else { return [] }
        let roles = try await directory.roles(account.id).map(\.role)
        return try names.map { text in
            let name = NormalizedText.nfc(text)
            guard let role = roles.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw CommandFailure("The account \(account.name) has no role \(text).")
            }
            return role.id
        }
    }

    // MARK: Reading what was typed

    static func login(_ text: String) throws -> Login {
        guard let login = Login(NormalizedText.nfc(text)) else {
            throw CommandFailure(
                "The login must have 1 to \(Login.maximumLength) letters, digits and signs without blanks."
            )
        }
        return login
    }

    static func name(_ text: String, of what: String, allowsEmpty: Bool = false) throws -> String {
        guard let name = PersonText(NormalizedText.nfc(text), allowsEmpty: allowsEmpty) else {
            throw CommandFailure(
                "The \(what) must have \(allowsEmpty ? "at most" : "1 to") \(PersonText.maximumLength) characters "
                    + "and no control characters."
            )
        }
        return name.text
    }

    static func email(_ text: String) throws -> String {
        guard let email = PersonText.email(NormalizedText.nfc(text)) else {
            throw CommandFailure("The e-mail address must be of the form name@example.org.")
        }
        return email.text
    }

    // MARK: Changing

    /// Asks the rules as `Actor.server`: the last resort, which may take the last admin but is told so.
    func change(_ account: Account.ID, target: User?, _ event: AdministrationEvent) async throws {
        let decision = try await administration.administer(
            account,
            actor: .server,
            target: target?.id,
            event: event,
            at: composition.now
        )
        switch decision {
        case .refused(let refusal):
            throw CommandFailure(Self.sentence(refusal))
        case .accepted(_, _, breaksLastAdmin: true):
            Terminal.warn("no Account Admin of this account can sign in any more; make another one (user grant-admin).")
        case .accepted:
            return
        case .needsProof:
            throw CommandFailure("This needs a session of the portal.")
        }
    }

    private static func sentence(_ refusal: AdministrationRefusal) -> String {
        switch refusal {
        case .adminFirst: "An enabled Account Admin of this account must configure two-factor authentication first."
        case .notFound: "What this is about is not there any more."
        case .roleNameTaken: "Another role has this name."
        case .lastAdmin: "This is the last Account Admin who can sign in; make another one first."
        case .accessDenied, .configureOwnFirst, .twoFactorRequired, .ownLogin, .exceedsOwnPermissions, .loginReserved,
            .loginTaken, .sessionEnded:
            "The rules of the account do not allow this."
        }
    }

    /// The last resort may give a login again; whoever does it should know.
    static func warnIfReserved(_ login: Login, _ composition: Composition) async throws {
        guard try await composition.store.isLoginReserved(login, at: composition.now) else { return }
        Terminal.warn(
            "the login \(login.text) was another person's less than a year ago, and applications may take this one for "
                + "them."
        )
    }

    /// The store names the column that must be unique; of these only the login can be.
    static func naming(_ login: Login, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch StoreError.duplicate {
            throw CommandFailure("The login \(login.text) is taken already; a login is unique over all accounts.")
        }
    }
}
