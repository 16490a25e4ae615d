package import Accounts
import Secrets
import SignIn

extension PortalStore: Directory {
    package func accounts() async throws(StoreError) -> [Account] {
        try await database.read { connection in
            try connection.query("SELECT \(Rows.account) FROM account a ORDER BY a.name, a.id", [])
                .map { try Rows.account($0) }
        }
    }

    package func user(login: Login) async throws(StoreError) -> User? {
        try await database.read { connection in
            try SubjectReader(connection: connection, keyRing: keyRing)
                .person(where: "p.login_key = $1", login.key)?.user
        }
    }

    package func users(_ account: Account.ID, _ query: UserQuery) async throws(StoreError) -> Page<UserSummary> {
        try await database.read { connection in
            var condition = "p.account_id = $1 AND \(Self.condition(query.filter))"
            var values: [any SQLConvertible] = [account]
            if !query.text.isEmpty {
                condition += """
                     AND (p.login_key LIKE $2 ESCAPE '!' OR lower(p.name) LIKE $2 ESCAPE '!'
                    OR lower(p.email) LIKE $2 ESCAPE '!')
                    """
                values.append(LikePattern.containing(query.text.lowercased()))
            }
            let total = try connection.count("SELECT count(*) FROM person p WHERE \(condition)", values)
            let next = values.count
            let rows = try connection.query(
                """
                \(Self.summaryColumns) FROM person p WHERE \(condition)
                ORDER BY p.login_key LIMIT $\(next + 1) OFFSET $\(next + 2)
                """,
                values + [Page<UserSummary>.size, (max(1, query.page) - 1) * Page<UserSummary>.size]
            )
            return Page(items: try rows.map { try Self.summary($0, connection) }, total: total)
        }
    }

    package func userCounts(_ account: Account.ID) async throws(StoreError) -> [UserFilter: Int] {
        try await database.read { connection in
            var counts: [UserFilter: Int] = [:]
            for filter in UserFilter.allCases {
                counts[filter] = try connection.count(
                    "SELECT count(*) FROM person p WHERE p.account_id = $1 AND \(Self.condition(filter))",
                    [account]
                )
            }
            return counts
        }
    }

    package func user(_ account: Account.ID, _ id: User.ID) async throws(StoreError) -> UserDetail? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    """
                    \(Self.summaryColumns), p.created_at, p.password_changed_at, p.login_key,
                    (SELECT min(created_at) FROM authenticator u WHERE u.person_id = p.id),
                    (SELECT count(*) FROM recovery_code c WHERE c.person_id = p.id AND c.used_at IS NULL),
                    (SELECT count(*) FROM portal_session s WHERE s.person_id = p.id),
                    (SELECT count(*) FROM agent_session g WHERE g.person_id = p.id)
                    FROM person p WHERE p.account_id = $1 AND p.id = $2
                    """,
                    [account, id]
                )
            else { return nil }
            let reader = AdministrationReader(connection: connection, keyRing: keyRing)
            let next = Rows.userColumns + 4
            return UserDetail(
                summary: try Self.summary(row, connection),
                roleIDs: try reader.roleIDs(id),
                configuredAt: try row.optionalTime(next + 3),
                recoveryCodesLeft: Int(try row.integer(next + 4)),
                isFactorClosed: try isFactorClosed(connection, loginKey: try row.text(next + 2)),
                sessions: Int(try row.integer(next + 5)),
                agentSessions: Int(try row.integer(next + 6)),
                createdAt: try row.time(next),
                passwordChangedAt: try row.optionalTime(next + 1),
                otherAbleAdmins: try reader.otherAbleAdmins(account, than: id)
            )
        }
    }

    package func roles(_ account: Account.ID) async throws(StoreError) -> [RoleSummary] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT \(Rows.role), (SELECT count(*) FROM person_role m WHERE m.role_id = r.id)
                FROM role r WHERE r.account_id = $1 ORDER BY r.name
                """,
                [account]
            ).map { RoleSummary(role: try Rows.role($0), people: Int(try $0.integer(9))) }
        }
    }

    package func readiness(_ account: Account.ID) async throws(StoreError) -> Readiness {
        try await database.read { connection in
            let live = "p.account_id = $1 AND p.enabled = 1"
            let unready = "\(live) AND NOT EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id)"
            let people = try connection.count("SELECT count(*) FROM person p WHERE \(live)", [account])
            let missing = try connection.count("SELECT count(*) FROM person p WHERE \(unready)", [account])
            let rows = try connection.query(
                "\(Self.summaryColumns) FROM person p WHERE \(unready) ORDER BY p.login_key LIMIT 50",
                [account]
            )
            return Readiness(
                people: people,
                ready: people - missing,
                unready: try rows.map { try Self.summary($0, connection) },
                enabledAdmins: try connection.count(
                    "SELECT count(*) FROM person p WHERE \(live) AND p.account_admin = 1",
                    [account]
                )
            )
        }
    }

    // MARK: Parts

    private static let summaryColumns = """
        SELECT \(Rows.user), p.password_hash IS NOT NULL, p.last_sign_in_at,
        EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id),
        p.password_hash IS NULL AND p.password_changed_at IS NULL
        """

    private static func summary(_ row: SQLRow, _ connection: any SQLConnection) throws(StoreError) -> UserSummary {
        let user = try Rows.user(row)
        var names: [String] = []
        for role in try connection.query(
            "SELECT r.name FROM role r JOIN person_role m ON m.role_id = r.id WHERE m.person_id = $1 ORDER BY r.name",
            [user.id]
        ) { names.append(try role.text(0)) }
        return UserSummary(
            user: user,
            roleNames: names,
            hasTwoFactor: try row.bool(Rows.userColumns + 2),
            hasPassword: try row.bool(Rows.userColumns),
            lastSignInAt: try row.optionalTime(Rows.userColumns + 1),
            isInvited: try row.bool(Rows.userColumns + 3)
        )
    }

    private static func condition(_ filter: UserFilter) -> String {
        switch filter {
        case .all: "1 = 1"
        case .configured: "EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id)"
        case .unconfigured: "NOT EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id)"
        case .admins: "p.account_admin = 1"
        case .disabled: "p.enabled = 0"
        // Nobody who has had a password: after a reset one waits for a link, too.
        case .invited: "p.password_hash IS NULL AND p.password_changed_at IS NULL AND p.enabled = 1"
        }
    }

    private func isFactorClosed(_ connection: any SQLConnection, loginKey: String) throws(StoreError) -> Bool {
        guard let cap = ThrottlePolicy.token.closingFailures else { return false }
        return try connection.first(
            "SELECT 1 FROM throttle WHERE kind = $1 AND scope = $2 AND subject = $3 AND consecutive >= $4",
            [
                ThrottleKind.token.rawValue, "login", Base16.text(keyRing.keyedDigest(of: loginKey).bytes),
                cap,
            ]
        ) != nil
    }
}

/// A text that LIKE finds anywhere, with its own signs made harmless.
enum LikePattern {
    static func containing(_ text: String) -> String {
        let escaped = text.reduce(into: "") { result, character in
            if "%_!".contains(character) { result.append("!") }
            result.append(character)
        }
        return "%\(escaped)%"
    }
}
