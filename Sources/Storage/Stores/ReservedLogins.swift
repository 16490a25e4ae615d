package import Accounts
import Foundation
package import Secrets
import SignIn

/// Logins that opened applications and were deleted; known by a keyed digest alone.
struct ReservedLogins {
    let connection: any SQLConnection
    let keyRing: KeyRing

    func isReserved(_ loginKey: String, at now: UnixTime) throws(StoreError) -> Bool {
        try connection.first(
            "SELECT 1 FROM reserved_login WHERE digest = $1 AND freed_at > $2",
            [digest(loginKey), LoginReservation.end(at: now)]
        ) != nil
    }

    /// Before the person goes; nothing where they have never opened an application.
    func reserve(_ user: User.ID, of account: Account.ID, at now: UnixTime) throws(StoreError) {
        guard
            let row = try connection.first(
                "SELECT login_key, has_opened FROM person WHERE id = $1 AND account_id = $2",
                [user, account]
            )
        else { return }
        let isNoted = try row.bool(1)
        if !isNoted { guard try hasOpenedBefore(user, account) else { return } }
        try connection.execute(
            """
            INSERT INTO reserved_login (digest, account_id, freed_at) VALUES ($1, $2, $3)
            ON CONFLICT (digest) DO UPDATE SET account_id = excluded.account_id, freed_at = excluded.freed_at
            """,
            [digest(try row.text(0)), account, now]
        )
    }

    /// Somebody has it again, and leaves it reserved as the one before did: it is known to applications.
    func pass(_ loginKey: String, to user: User.ID) throws(StoreError) {
        let passed = try connection.execute("DELETE FROM reserved_login WHERE digest = $1", [digest(loginKey)])
        if passed > 0 { try connection.execute("UPDATE person SET has_opened = 1 WHERE id = $1", [user]) }
    }

    /// Noted at the first opening; what came before that was noted stands in the log.
    private func hasOpenedBefore(_ user: User.ID, _ account: Account.ID) throws(StoreError) -> Bool {
        try connection.first(
            "SELECT 1 FROM activity WHERE account_id = $1 AND actor_id = $2 AND kind IN ($3, $4) LIMIT 1",
            [account, user, ActivityKind.applicationOpened.rawValue, ActivityKind.apiTokenCreated.rawValue]
        ) != nil
    }

    /// Brought to NFC once more: lowering the case of a letter may leave it, and applications take both for one.
    private func digest(_ loginKey: String) -> [UInt8] {
        keyRing.keyedDigest(of: loginKey.precomposedStringWithCanonicalMapping).bytes
    }
}

extension PortalStore {
    /// For the command line, which warns and may.
    package func isLoginReserved(_ login: Login, at now: UnixTime) async throws(StoreError) -> Bool {
        try await database.read { connection in
            try ReservedLogins(connection: connection, keyRing: keyRing).isReserved(login.key, at: now)
        }
    }
}
