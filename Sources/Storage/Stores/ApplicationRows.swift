import Accounts
import Gateway
import Secrets

/// Columns of applications and their parts, each list beside its decoder.
enum ApplicationRows {
    static let application = """
        n.id, n.account_id, n.name, n.origin, n.assurance, n.everybody, n.session_hours, n.encoded_paths,
        n.header_user, n.header_name, n.header_email, n.header_groups
        """

    /// Without its roles and rules.
    static func application(_ row: SQLRow) throws(StoreError) -> Application {
        guard let origin = Origin(try row.text(3)), let assurance = Assurance(rawValue: try row.text(4)),
            let headers = IdentityHeaderNames(
                user: try row.text(8),
                name: try row.text(9),
                email: try row.text(10),
                groups: try row.text(11)
            )
        else { throw .corrupt("an application that cannot be read") }
        return Application(
            id: try row.id(0),
            accountID: try row.id(1),
            name: try row.text(2),
            origin: origin,
            assurance: assurance,
            sessionHours: row.isNull(6) ? nil : Int(try row.integer(6)),
            allowsEncodedPaths: try row.bool(7),
            headers: headers,
            audience: try row.bool(5) ? .everybody : .roles([])
        )
    }

    static let rule = "u.application_id, u.id, u.path, u.match_kind, u.action"

    static func rule(_ row: SQLRow) throws(StoreError) -> PathRule {
        guard let path = RequestPath(stored: try row.text(2)), let match = PathRule.Match(rawValue: try row.text(3)),
            let action = PathRule.Action(rawValue: try row.text(4))
        else { throw .corrupt("a rule that cannot be read") }
        return PathRule(id: try row.id(1), path: path, match: match, action: action)
    }

    static let token = """
        k.id, k.digest, k.person_id, k.account_id, k.name, k.created_at, k.expires_at, k.last_used_at
        """
    static let tokenColumns = 8

    static func token(_ row: SQLRow, applications: Set<Application.ID>) throws(StoreError) -> APIToken {
        APIToken(
            id: try row.id(0),
            digest: try row.digest(1),
            userID: try row.id(2),
            accountID: try row.id(3),
            name: try row.text(4),
            applicationIDs: applications,
            createdAt: try row.time(5),
            expiresAt: try row.time(6),
            lastUsedAt: try row.optionalTime(7)
        )
    }
}

/// Reads applications whole: with their roles and rules, in three statements however many there are.
struct ApplicationReader {
    let connection: any SQLConnection

    func all() throws(StoreError) -> [Application] { try read("1 = 1", []) }

    func all(of account: Account.ID) throws(StoreError) -> [Application] { try read("n.account_id = $1", [account]) }

    func one(_ id: Application.ID, of account: Account.ID) throws(StoreError) -> Application? {
        try read("n.account_id = $1 AND n.id = $2", [account, id]).first
    }

    private func read(_ condition: String, _ values: [any SQLConvertible]) throws(StoreError) -> [Application] {
        var applications: [Application] = []
        for row in try connection.query(
            "SELECT \(ApplicationRows.application) FROM application n WHERE \(condition) ORDER BY n.name, n.id",
            values
        ) { applications.append(try ApplicationRows.application(row)) }
        var places: [Application.ID: Int] = [:]
        for (place, application) in applications.enumerated() { places[application.id] = place }

        for row in try connection.query(
            """
            SELECT o.application_id, o.role_id FROM application_role o JOIN application n ON n.id = o.application_id
            WHERE \(condition)
            """,
            values
        ) {
            guard let place = places[try row.id(0)], case .roles(let ids) = applications[place].audience else {
                continue
            }
            applications[place].audience = .roles(ids.union([try row.id(1)]))
        }
        for row in try connection.query(
            """
            SELECT \(ApplicationRows.rule) FROM application_rule u JOIN application n ON n.id = u.application_id
            WHERE \(condition) ORDER BY u.path_key, u.match_kind
            """,
            values
        ) {
            guard let place = places[try row.id(0)] else { continue }
            applications[place].rules.append(try ApplicationRows.rule(row))
        }
        return applications
    }

    /// The roles that a person has, with their names.
    func roles(of user: User.ID) throws(StoreError) -> [Role.ID: String] {
        var roles: [Role.ID: String] = [:]
        for row in try connection.query(
            "SELECT r.id, r.name FROM role r JOIN person_role m ON m.role_id = r.id WHERE m.person_id = $1",
            [user]
        ) { roles[try row.id(0)] = try row.text(1) }
        return roles
    }
}
