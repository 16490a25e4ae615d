import Accounts
import Secrets
import SignIn

/// The browsers in which people have signed in, by digests of what their cookies hold. They open nothing: strangers
/// cannot use up the guesses that somebody has there.
struct KnownBrowsers {
    let connection: any SQLConnection

    /// Which of the values that a request brought is known for this person. Asked for logins that do not exist as well.
    func known(_ digests: [TokenDigest], for user: User.ID?) throws(StoreError) -> TokenDigest? {
        let marks = digests.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let row = try connection.first(
            "SELECT digest FROM known_browser WHERE person_id = $1 AND digest IN (\(marks))",
            [user?.description ?? ""] + digests
        )
        return try row?.digest(0)
    }

    func remember(_ digest: TokenDigest, of user: User.ID, at now: UnixTime) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO known_browser (person_id, account_id, digest, last_used_at)
            SELECT p.id, p.account_id, $1, $2 FROM person p WHERE p.id = $3
            """,
            [digest, now, user]
        )
        // Never the new one, whatever the clock says of the others.
        try connection.execute(
            """
            DELETE FROM known_browser WHERE person_id = $1 AND digest IN (SELECT digest FROM known_browser
            WHERE person_id = $1 AND digest <> $2 ORDER BY last_used_at DESC, digest LIMIT 1000000 OFFSET $3)
            """,
            [user, digest, KnownBrowser.maximum - 1]
        )
    }

    func touch(_ digest: TokenDigest, of user: User.ID, at now: UnixTime) throws(StoreError) {
        try connection.execute(
            "UPDATE known_browser SET last_used_at = $1 WHERE person_id = $2 AND digest = $3",
            [now, user, digest]
        )
    }

    func forget(all user: User.ID) throws(StoreError) {
        try connection.execute("DELETE FROM known_browser WHERE person_id = $1", [user])
    }
}
