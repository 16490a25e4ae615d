import Accounts
import Secrets
import SignIn

/// Puts transactions that decide about the same thing one after the other, where the engine lets several write at once.
///
/// Always in this order: first run, hosts, account, login, addresses. Whoever holds a later name never waits for an earlier
/// one, so that no two wait for each other.
struct Turns {
    let connection: any SQLConnection
    let keyRing: KeyRing

    /// For a decision about a login: its own name, and those of the counters that it writes.
    func take(_ request: SubjectRequest) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        var names: [String] = []
        switch request.query {
        case .login(let login): names = [name(login: login.key)]
        case .attempt(let digest):
            names = try self.names(
                "sign_in_attempt t JOIN person p ON p.id = t.person_id WHERE t.digest = $1",
                digest,
                withAccount: false
            )
        case .session(let digest):
            names = try self.names(
                "portal_session t JOIN person p ON p.id = t.person_id WHERE t.digest = $1",
                digest,
                withAccount: request.parts.contains(.configuredAdmins)
            )
        }
        if let address = request.source.throttleKey {
            // Recovery codes are counted as tokens there.
            let kinds = Set(request.throttles.map { $0 == .recoveryCode ? .token : $0 })
            names += kinds.map { "\($0.rawValue) \(address)" }.sorted()
        }
        try connection.hold(names)
    }

    func take(_ account: Account.ID, target: User.ID?) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold([Self.name(account: account.description)])
        if let target { try take(target) }
    }

    func take(_ user: User.ID) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold(try names("person p WHERE p.id = $1", user, withAccount: false))
    }

    func take(loginKey: String) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold([name(login: loginKey)])
    }

    func take(link digest: TokenDigest) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold(
            try names(
                "one_time_link l JOIN person p ON p.id = l.person_id WHERE l.digest = $1",
                digest,
                withAccount: false
            )
        )
    }

    func take(ticket digest: TokenDigest) throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold(
            try names(
                "hand_over_ticket h JOIN person p ON p.id = h.person_id WHERE h.digest = $1",
                digest,
                withAccount: false
            )
        )
    }

    func takeFirstRun() throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold(["first run"])
    }

    /// Host names are one name space for all accounts.
    func takeHosts() throws(StoreError) {
        guard connection.hasOtherWriters else { return }
        try connection.hold(["hosts"])
    }

    // MARK: Names

    private func names(
        _ source: String,
        _ value: any SQLConvertible,
        withAccount: Bool
    ) throws(StoreError) -> [String] {
        guard let row = try connection.first("SELECT p.login_key, p.account_id FROM \(source)", [value]) else {
            return []
        }
        let login = name(login: try row.text(0))
        return withAccount ? [Self.name(account: try row.text(1)), login] : [login]
    }

    /// The name stands in a statement that a server may log: no login in clear.
    private func name(login key: String) -> String {
        "login \(Base16.text(keyRing.keyedDigest(of: key).bytes))"
    }

    private static func name(account: String) -> String { "account \(account)" }
}
