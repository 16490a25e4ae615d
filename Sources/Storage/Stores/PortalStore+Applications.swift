package import Accounts
package import Gateway
package import Secrets
import SignIn

/// Applications and their changes; the rest of `GatewayStore` stands in the files beside this one.
extension PortalStore: GatewayStore {
    package func applications(_ account: Account.ID) async throws(StoreError) -> [Application] {
        try await database.read { try ApplicationReader(connection: $0).all(of: account) }
    }

    package func allApplications() async throws(StoreError) -> [Application] {
        try await database.read { try ApplicationReader(connection: $0).all() }
    }

    package func roles(of user: User.ID) async throws(StoreError) -> [Role.ID: String] {
        try await database.read { try ApplicationReader(connection: $0).roles(of: user) }
    }

    package func changeApplication(
        _ account: Account.ID,
        _ application: Application.ID?,
        actor: Actor,
        event: ApplicationEvent,
        portalOrigin: Origin?,
        at now: UnixTime
    ) async throws(StoreError) -> ApplicationDecision {
        try await transactEnding(at: now) { connection in
            if event.origin != nil { try Turns(connection: connection, keyRing: keyRing).takeHosts() }
            // Writing first serialises changes to one account on every engine.
            try connection.execute("UPDATE account SET name = name WHERE id = $1", [account])
            let administration = AdministrationReader(connection: connection, keyRing: keyRing)
            let common: AdministrationState
            switch try administration.state(account, actor: actor, target: nil, at: now) {
            case .success(let found): common = found
            case .failure(let refusal): return (.refused(refusal == .sessionEnded ? .sessionEnded : .notFound), [])
            }
            let reader = ApplicationReader(connection: connection)
            var state = ApplicationState(account: common.account, actor: common.actor)
            state.roles = common.roles
            state.portalOrigin = portalOrigin
            if let application { state.application = try reader.one(application, of: account) }
            if let origin = event.origin {
                let row = try connection.first("SELECT id FROM application WHERE origin = $1", [origin.text])
                state.originOwner = try row?.id(0)
                state.host = try HostReader(connection: connection).claims(on: origin.host)
                state.host.wasUsed =
                    try connection.first(
                        "SELECT 1 FROM former_host WHERE account_id = $1 AND host = $2",
                        [account, origin.host]
                    ) != nil
            }
            let decision = ApplicationRules.decide(state, event)
            var endings: [SessionEnding] = []
            if case .accepted(let effects, let entry) = decision {
                let writer = ApplicationWriter(connection: connection, accountID: account, now: now)
                for effect in effects { try writer.apply(effect) }
                try ActivityWriter(connection: connection, now: now).append([entry])
                endings = [.account(account)]
            }
            return (decision, endings)
        }
    }
}

extension ApplicationEvent {
    fileprivate var origin: Origin? {
        switch self {
        case .create(let application), .change(let application): application.origin
        case .delete, .addRule, .removeRule: nil
        }
    }
}

/// Applies accepted changes; every statement names the account.
private struct ApplicationWriter {
    let connection: any SQLConnection
    let accountID: Account.ID
    let now: UnixTime

    func apply(_ effect: ApplicationEffect) throws(StoreError) {
        switch effect {
        case .insert(let application): try insert(application)
        case .update(let application): try update(application)
        case .rememberHost(let host):
            try connection.execute(
                "INSERT INTO former_host (account_id, host) VALUES ($1, $2) ON CONFLICT (account_id, host) DO NOTHING",
                [accountID, host]
            )
        case .grantHost(let pattern):
            _ = try HostWriter(connection: connection, accountID: accountID, now: now).grant(pattern)
        case .delete(let id): try once("DELETE FROM application WHERE id = $1 AND account_id = $2", [id, accountID])
        case .endUnreachableTokens(let id):
            try APITokenWriter(connection: connection, accountID: accountID).endUnreachable(of: nil, at: id)
        case .endSessions(let id):
            for table in ["application_session", "hand_over_ticket"] {
                try connection.execute(
                    "DELETE FROM \(table) WHERE application_id = $1 AND account_id = $2",
                    [id, accountID]
                )
            }
        case .insertRule(let id, let rule):
            try once(
                """
                INSERT INTO application_rule (id, account_id, application_id, path, path_key, match_kind, action)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [rule.id, accountID, id, rule.path.text, rule.path.folded, rule.match.rawValue, rule.action.rawValue]
            )
        case .deleteRule(let id, let rule):
            try once(
                "DELETE FROM application_rule WHERE id = $1 AND application_id = $2 AND account_id = $3",
                [rule, id, accountID]
            )
        }
    }

    private func once(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) {
        guard try connection.execute(sql, parameters) == 1 else { throw .conflict }
    }

    private func insert(_ new: Application) throws(StoreError) {
        try once(
            """
            INSERT INTO application (id, account_id, name, origin, assurance, everybody, session_hours, encoded_paths,
            header_user, header_name, header_email, header_groups, created_at, host, reviewed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)
            """,
            [
                new.id, accountID, new.name, new.origin.text, new.assurance.rawValue, new.audience == .everybody,
                new.sessionHours, new.allowsEncodedPaths, new.headers.user, new.headers.name, new.headers.email,
                new.headers.groups, now, new.origin.host,
            ]
        )
        try setRoles(new)
    }

    private func update(_ new: Application) throws(StoreError) {
        try once(
            """
            UPDATE application SET name = $1, origin = $2, assurance = $3, everybody = $4, session_hours = $5,
            encoded_paths = $6, header_user = $7, header_name = $8, header_email = $9, header_groups = $10,
            host = $11 WHERE id = $12 AND account_id = $13
            """,
            [
                new.name, new.origin.text, new.assurance.rawValue, new.audience == .everybody, new.sessionHours,
                new.allowsEncodedPaths, new.headers.user, new.headers.name, new.headers.email, new.headers.groups,
                new.origin.host, new.id, accountID,
            ]
        )
        try setRoles(new)
    }

    private func setRoles(_ application: Application) throws(StoreError) {
        try connection.execute(
            "DELETE FROM application_role WHERE application_id = $1 AND account_id = $2",
            [application.id, accountID]
        )
        for role in application.audience.roleIDs {
            try connection.execute(
                "INSERT INTO application_role (account_id, application_id, role_id) VALUES ($1, $2, $3)",
                [accountID, application.id, role]
            )
        }
    }
}
