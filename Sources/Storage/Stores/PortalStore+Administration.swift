package import Accounts
package import Secrets
import SignIn

extension PortalStore: AdministrationStore {
    package func administer(
        _ accountID: Account.ID,
        actor: Actor,
        target: User.ID?,
        event: AdministrationEvent,
        at now: UnixTime
    ) async throws(StoreError) -> AdministrationDecision {
        try await transactEnding(at: now) { connection in
            let reader = AdministrationReader(connection: connection, keyRing: keyRing)
            // Writing first serialises changes to one account on every engine: of two admins who demote each other
            // the second reads what the first has done.
            try connection.execute("UPDATE account SET name = name WHERE id = $1", [accountID])
            let turns = Turns(connection: connection, keyRing: keyRing)
            try turns.take(accountID, target: target)
            // Beside whoever deletes the one who has the login now.
            if case .createUser(let new) = event { try turns.take(loginKey: new.loginKey) }
            var state: AdministrationState
            switch try reader.state(accountID, actor: actor, target: target, at: now) {
            case .success(let found): state = found
            case .failure(let refusal): return (.refused(refusal), [])
            }
            if case .createUser(let new) = event {
                state.isLoginTaken =
                    try connection.first("SELECT 1 FROM person WHERE login_key = $1", [new.loginKey]) != nil
                state.isLoginReserved = try ReservedLogins(connection: connection, keyRing: keyRing)
                    .isReserved(new.loginKey, at: now)
            }
            let decision = AdministrationRules.decide(state, event)
            var endings: [SessionEnding] = []
            switch decision {
            case .needsProof: break
            case .refused(let refusal):
                if let entry = AdministrationRules.refusalEntry(state, event, refusal, at: now) {
                    try ActivityWriter(connection: connection, now: now).append([entry])
                }
            case .accepted(let effects, let entry, _):
                let writer = AdministrationWriter(
                    connection: connection,
                    keyRing: keyRing,
                    accountID: accountID,
                    now: now
                )
                for effect in effects { try writer.apply(effect) }
                try ActivityWriter(connection: connection, now: now).append([entry])
                endings = SessionEnding.made(by: effects, in: accountID)
            }
            return (decision, endings)
        }
    }

    package func createAccount(
        _ account: Account,
        admin: NewUser,
        firstRun: TokenDigest?,
        actorAddress: String,
        at now: UnixTime
    ) async throws(StoreError) -> Bool {
        try await transact { connection in
            try Turns(connection: connection, keyRing: keyRing).takeFirstRun()
            // With a second account hosts have to be granted.
            try Turns(connection: connection, keyRing: keyRing).takeHosts()
            if let firstRun {
                let spent = try connection.execute(
                    "DELETE FROM one_time_link WHERE digest = $1 AND kind = $2",
                    [firstRun, BearerKind.firstRun.rawValue]
                )
                guard spent == 1 else { return false }
            }
            // Whoever makes the first account by the command line closes the open first-run page.
            try connection.execute("DELETE FROM one_time_link WHERE kind = $1", [BearerKind.firstRun.rawValue])
            try connection.execute(
                "INSERT INTO account (id, name, email, time_zone, created_at) VALUES ($1, $2, $3, $4, $5)",
                [account.id, account.name, account.email, account.timeZone, now]
            )
            try AdministrationWriter(connection: connection, keyRing: keyRing, accountID: account.id, now: now)
                .apply(.insertUser(admin))
            let entry = ActivityEntry(
                .accountCreated,
                accountID: account.id,
                actor: firstRun == nil ? nil : ActivityPerson(admin.user),
                subject: firstRun == nil ? ActivityPerson(admin.user) : nil,
                address: actorAddress,
                parameters: [ActivityParameter("name", account.name)]
            )
            try ActivityWriter(connection: connection, now: now).append([entry])
            return true
        }
    }
}

/// Reads what a rule of administration looks at.
struct AdministrationReader {
    let connection: any SQLConnection
    let keyRing: KeyRing

    func state(
        _ accountID: Account.ID,
        actor: Actor,
        target: User.ID?,
        at now: UnixTime
    ) throws(StoreError) -> Result<AdministrationState, AdministrationRefusal> {
        guard let row = try connection.first("SELECT \(Rows.account) FROM account a WHERE a.id = $1", [accountID])
        else { return .failure(.notFound) }
        let subjects = SubjectReader(connection: connection, keyRing: keyRing)
        var state = AdministrationState(account: try Rows.account(row), actor: nil)
        state.roles = try roles(accountID)
        state.configuredAdmins = try subjects.configuredAdmins(accountID)
        state.keys = try keys(accountID)
        if case .person(let id, let session, let address) = actor {
            guard let view = try subjects.actingSession(session, of: id, at: now) else {
                return .failure(.sessionEnded)
            }
            state.actor = ActingUser(
                user: view.user,
                permissions: view.permissions,
                roleIDs: Set(try roleIDs(id)),
                hasTwoFactor: view.hasTwoFactor,
                passedTwoFactor: view.session.methods.passedTwoFactor,
                proof: view.session.freshProof(at: now),
                address: address
            )
        }
        if let target { state.target = try self.target(target, in: accountID, subjects) }
        state.otherAbleAdmins = try otherAbleAdmins(accountID, than: target)
        return .success(state)
    }

    func otherAbleAdmins(_ account: Account.ID, than user: User.ID?) throws(StoreError) -> Int {
        try connection.count(
            """
            SELECT count(*) FROM person WHERE account_id = $1 AND account_admin = 1 AND enabled = 1
            AND password_hash IS NOT NULL AND id <> $2
            """,
            [account, user?.description ?? ""]
        )
    }

    private func target(
        _ id: User.ID,
        in account: Account.ID,
        _ subjects: SubjectReader
    ) throws(StoreError) -> TargetUser? {
        guard let person = try subjects.person(where: "p.id = $1", id), person.user.accountID == account else {
            return nil
        }
        return TargetUser(
            user: person.user,
            hasPassword: person.passwordHash != nil,
            hasTwoFactor: try hasTwoFactor(id),
            roleIDs: try roleIDs(id),
            apiTokens: try apiTokens(id)
        )
    }

    private func apiTokens(_ user: User.ID) throws(StoreError) -> [Identifier: String] {
        var names: [Identifier: String] = [:]
        for row in try connection.query("SELECT id, name FROM api_token WHERE person_id = $1", [user]) {
            if let id = Identifier(try row.text(0)) { names[id] = try row.text(1) }
        }
        return names
    }

    func roleIDs(_ user: User.ID) throws(StoreError) -> [Role.ID] {
        var ids: [Role.ID] = []
        for row in try connection.query("SELECT role_id FROM person_role WHERE person_id = $1", [user]) {
            ids.append(try row.id(0))
        }
        return ids
    }

    /// Roles that open an application.
    private func keys(_ account: Account.ID) throws(StoreError) -> Set<Role.ID> {
        var keys: Set<Role.ID> = []
        for row in try connection.query(
            "SELECT DISTINCT role_id FROM application_role WHERE account_id = $1",
            [account]
        ) { keys.insert(try row.id(0)) }
        return keys
    }

    /// Nil for somebody who is gone or disabled.
    func holdings(of user: User.ID) throws(StoreError) -> Holdings? {
        let subjects = SubjectReader(connection: connection, keyRing: keyRing)
        guard let person = try subjects.person(where: "p.id = $1", user), person.user.isEnabled else { return nil }
        return Holdings(
            permissions: try subjects.permissions(person.user),
            keys: Set(try roleIDs(user)).intersection(try keys(person.account.id)),
            isAccountAdmin: person.user.isAccountAdmin
        )
    }

    func roles(_ account: Account.ID) throws(StoreError) -> [Role] {
        var roles: [Role] = []
        for row in try connection.query(
            "SELECT \(Rows.role) FROM role r WHERE r.account_id = $1 ORDER BY r.name",
            [account]
        ) { roles.append(try Rows.role(row)) }
        return roles
    }

    private func hasTwoFactor(_ user: User.ID) throws(StoreError) -> Bool {
        try connection.first("SELECT 1 FROM authenticator WHERE person_id = $1 LIMIT 1", [user]) != nil
    }
}
