import Accounts
import Secrets
import SignIn

/// Applies accepted changes; every statement names the account.
struct AdministrationWriter {
    let connection: any SQLConnection
    let keyRing: KeyRing
    let accountID: Account.ID
    let now: UnixTime

    func apply(_ effect: AdministrationEffect) throws(StoreError) {
        switch effect {
        case .setRequirement(let on): try set("require_two_factor = $1", [on])
        case .setAgentSignIn(let on): try set("agent_sign_in = $1", [on])
        case .setSessionLimits(let limits):
            try set("idle_minutes = $1, lifetime_hours = $2", [limits.idleMinutes, limits.lifetimeHours])
        case .setAccount(let name, let email, let timeZone):
            try set("name = $1, email = $2, time_zone = $3", [name, email, timeZone])
        case .insertUser(let new): try insert(new)
        case .setEnabled(let user, let on):
            try person("enabled = $1", [on], user)
            // A link in somebody's mailbox is a way in, too.
            if !on { try delete(from: "one_time_link", user) }
        case .setAdmin(let user, let on): try person("account_admin = $1", [on], user)
        case .deleteUser(let user):
            try ReservedLogins(connection: connection, keyRing: keyRing).reserve(user, of: accountID, at: now)
            // Whoever gets the login anew must not find the factor closed.
            try clearTokenCounter(user)
            try once("DELETE FROM person WHERE id = $1 AND account_id = $2", [user, accountID])
        case .setRoles(let user, let roles): try setRoles(user, roles)
        case .clearTwoFactor(let user):
            try clearTwoFactor(user)
        case .replacePasswordByLink(let user, let link):
            try person("password_hash = NULL, must_change = $1", [false], user)
            try insert(link, for: user)
        case .setPassword(let user, let hash, let mustChange):
            try person(
                "password_hash = $1, password_changed_at = $2, must_change = $3",
                [hash.phc, now, mustChange],
                user
            )
            try delete(from: "one_time_link", user)
        case .endPortalSessions(let user):
            try delete(from: "portal_session", user)
            try delete(from: "known_browser", user)
            try delete(from: "sign_in_attempt", user)
            // Whoever was in may have seen the secret that waits to be proven.
            try delete(from: "pending_enrolment", user)
        case .endAgentSessions(let user): try delete(from: "agent_session", user)
        case .endAllAgentSessions:
            try connection.execute("DELETE FROM agent_session WHERE account_id = $1", [accountID])
        case .endAPITokens(let user): try delete(from: "api_token", user)
        case .endAPIToken(let user, let id):
            try once(
                "DELETE FROM api_token WHERE id = $1 AND person_id = $2 AND account_id = $3",
                [id.description, user, accountID]
            )
        case .endUnreachableTokens(let user):
            try APITokenWriter(connection: connection, accountID: accountID).endUnreachable(of: user)
        case .insertRole(let role): try insert(role)
        case .updateRole(let role): try update(role)
        case .deleteRole(let role):
            try once("DELETE FROM role WHERE id = $1 AND account_id = $2", [role, accountID])
        }
    }

    // MARK: Statements

    private func once(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) {
        guard try connection.execute(sql, parameters) == 1 else { throw .conflict }
    }

    private func set(_ columns: String, _ values: [any SQLConvertible]) throws(StoreError) {
        try once("UPDATE account SET \(columns) WHERE id = $\(values.count + 1)", values + [accountID])
    }

    private func person(_ columns: String, _ values: [any SQLConvertible], _ user: User.ID) throws(StoreError) {
        let next = values.count
        try once(
            "UPDATE person SET \(columns) WHERE id = $\(next + 1) AND account_id = $\(next + 2)",
            values + [user, accountID]
        )
    }

    private func delete(from table: String, _ user: User.ID) throws(StoreError) {
        try connection.execute("DELETE FROM \(table) WHERE person_id = $1 AND account_id = $2", [user, accountID])
    }

    // MARK: People

    private func insert(_ new: NewUser) throws(StoreError) {
        let user = new.user
        var hash: String?
        var mustChange = false
        if case .password(let stored, let must) = new.credential { (hash, mustChange) = (stored.phc, must) }
        try connection.execute(
            """
            INSERT INTO person (id, account_id, login, login_key, name, email, account_admin, enabled, password_hash,
            password_changed_at, must_change, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                user.id, accountID, user.login, new.loginKey, user.name, user.email, user.isAccountAdmin,
                user.isEnabled, hash, hash == nil ? nil : now, mustChange, now,
            ]
        )
        try ReservedLogins(connection: connection, keyRing: keyRing).pass(new.loginKey, to: user.id)
        try setRoles(user.id, new.roleIDs)
        if case .invitation(let link) = new.credential { try insert(link, for: user.id) }
    }

    private func setRoles(_ user: User.ID, _ roles: [Role.ID]) throws(StoreError) {
        try delete(from: "person_role", user)
        for role in Set(roles) {
            try connection.execute(
                "INSERT INTO person_role (account_id, person_id, role_id) VALUES ($1, $2, $3)",
                [accountID, user, role]
            )
        }
    }

    private func clearTwoFactor(_ user: User.ID) throws(StoreError) {
        for table in ["authenticator", "recovery_code", "pending_enrolment"] { try delete(from: table, user) }
        // A new factor starts with a clean count: the closed one opens (SP 800-63B 3.2.2).
        try clearTokenCounter(user)
    }

    private func clearTokenCounter(_ user: User.ID) throws(StoreError) {
        guard
            let row = try connection.first(
                "SELECT login_key FROM person WHERE id = $1 AND account_id = $2",
                [user, accountID]
            )
        else { return }
        let digest = Base16.text(keyRing.keyedDigest(of: try row.text(0)).bytes)
        try connection.execute(
            "DELETE FROM throttle WHERE kind = $1 AND scope = $2 AND subject = $3",
            [ThrottleKind.token.rawValue, "login", digest]
        )
    }

    /// A newer link takes the place of an older one (threats E06).
    private func insert(_ link: OneTimeLink, for user: User.ID) throws(StoreError) {
        try delete(from: "one_time_link", user)
        try connection.execute(
            """
            INSERT INTO one_time_link (digest, kind, account_id, person_id, created_at, expires_at, made_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [link.digest, link.kind.rawValue, accountID, user, now, link.expiresAt, link.madeBy]
        )
    }

    // MARK: Roles

    private func insert(_ role: Role) throws(StoreError) {
        let permissions = role.permissions
        try connection.execute(
            """
            INSERT INTO role (id, account_id, name, description, accounts, devices, applications, setup, agent)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                role.id, accountID, role.name, role.description, permissions.accounts.rawValue,
                permissions.devices.rawValue, permissions.applications.rawValue, permissions.setup.rawValue,
                permissions.agent,
            ]
        )
    }

    private func update(_ role: Role) throws(StoreError) {
        let permissions = role.permissions
        try once(
            """
            UPDATE role SET name = $1, description = $2, accounts = $3, devices = $4, applications = $5, setup = $6,
            agent = $7 WHERE id = $8 AND account_id = $9
            """,
            [
                role.name, role.description, permissions.accounts.rawValue, permissions.devices.rawValue,
                permissions.applications.rawValue, permissions.setup.rawValue, permissions.agent, role.id, accountID,
            ]
        )
    }
}
