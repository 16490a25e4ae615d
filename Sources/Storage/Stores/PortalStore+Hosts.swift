package import Accounts
package import Gateway
package import Secrets

/// Host names that the operator has given to accounts.
extension PortalStore {
    package func hostOwner(_ host: String) async throws(StoreError) -> Account.ID? {
        try await database.read { try HostReader(connection: $0).claims(on: host).grantedTo }
    }

    package func hostGrants(_ account: Account.ID) async throws(StoreError) -> [HostPattern] {
        try await database.read { connection in
            try connection.query("SELECT pattern FROM host_grant WHERE account_id = $1 ORDER BY pattern", [account])
                .compactMap { HostPattern(try $0.text(0)) }
        }
    }

    package func grantHost(
        _ pattern: HostPattern,
        to account: Account.ID,
        at now: UnixTime
    ) async throws(StoreError) -> HostGrantRefusal? {
        try await transact { connection in
            try Turns(connection: connection, keyRing: keyRing).takeHosts()
            let others = try HostReader(connection: connection).accounts(on: pattern.text).subtracting([account])
            if let other = others.first { return .usedBy(other) }
            if try HostWriter(connection: connection, accountID: account, now: now).grant(pattern) { return nil }
            let row = try connection.first("SELECT account_id FROM host_grant WHERE pattern = $1", [pattern.text])
            // Taken back in this very moment: once more.
            guard let row else { throw StoreError.conflict }
            let owner: Account.ID = try row.id(0)
            return owner == account ? nil : .grantedTo(owner)
        }
    }

    package func revokeHost(
        _ pattern: HostPattern,
        of account: Account.ID,
        at now: UnixTime
    ) async throws(StoreError) -> Bool {
        try await transact { connection in
            try Turns(connection: connection, keyRing: keyRing).takeHosts()
            let revoked = try connection.execute(
                "DELETE FROM host_grant WHERE pattern = $1 AND account_id = $2",
                [pattern.text, account]
            )
            guard revoked == 1 else { return false }
            try HostWriter(connection: connection, accountID: account, now: now).note(.hostRevoked, pattern)
            return true
        }
    }
}

/// Writes grants, each with its entry.
struct HostWriter {
    let connection: any SQLConnection
    let accountID: Account.ID
    let now: UnixTime

    /// - Returns: false when somebody has it already.
    func grant(_ pattern: HostPattern) throws(StoreError) -> Bool {
        let granted = try connection.execute(
            """
            INSERT INTO host_grant (pattern, account_id, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (pattern) DO NOTHING
            """,
            [pattern.text, accountID, now]
        )
        guard granted == 1 else { return false }
        try note(.hostGranted, pattern)
        return true
    }

    func note(_ kind: ActivityKind, _ pattern: HostPattern) throws(StoreError) {
        let entry = ActivityEntry(
            kind,
            accountID: accountID,
            actor: nil,
            address: "",
            parameters: [ActivityParameter("host", pattern.text)]
        )
        try ActivityWriter(connection: connection, now: now).append([entry])
    }
}

/// What is known of a host.
struct HostReader {
    let connection: any SQLConnection

    func accounts(on host: String) throws(StoreError) -> Set<Account.ID> {
        var accounts: Set<Account.ID> = []
        for row in try connection.query("SELECT account_id FROM application WHERE host = $1", [host]) {
            accounts.insert(try row.id(0))
        }
        // Written by a program of before there was a host beside the origin, while nodes were replaced one by one.
        for row in try connection.query("SELECT account_id, origin FROM application WHERE host = ''", [])
        where Origin(try row.text(1))?.host == host {
            accounts.insert(try row.id(0))
        }
        return accounts
    }

    func claims(on host: String) throws(StoreError) -> HostClaims {
        var claims = HostClaims(usedBy: try accounts(on: host))
        claims.isOnlyAccount = try connection.query("SELECT id FROM account WHERE id >= '' LIMIT 2", []).count < 2
        for pattern in HostPattern.covering(host) {
            let row = try connection.first("SELECT account_id FROM host_grant WHERE pattern = $1", [pattern])
            guard let row else { continue }
            claims.grantedTo = try row.id(0)
            break
        }
        return claims
    }
}
