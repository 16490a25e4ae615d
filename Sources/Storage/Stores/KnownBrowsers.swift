import Accounts
import Secrets
import SignIn

/// The browsers in which people have signed in, by digests of what their cookies hold. They open nothing: strangers
/// cannot use up the guesses that somebody has there.
struct KnownBrowsers {
    let connection: any SQLConnection

    /// Which of the values that a request brought is known for this person.
    func known(_ digests: [TokenDigest], for user: User.ID) throws(StoreError) -> TokenDigest? {
        for digest in digests {
            let count = try connection.count(
                "SELECT count(*) FROM known_browser WHERE person_id = $1 AND digest = $2",
                [user, digest]
            )
            if count > 0 { return digest }
        }
        return nil
    }

    func remember(
        _ digest: TokenDigest,
        of user: User.ID,
        insteadOf former: [TokenDigest],
        at now: UnixTime
    ) throws(StoreError) {
        for digest in former {
            try connection.execute(
                "DELETE FROM known_browser WHERE person_id = $1 AND digest = $2",
                [user, digest]
            )
        }
        try connection.execute(
            """
            INSERT INTO known_browser (person_id, account_id, digest, last_used_at)
            SELECT p.id, p.account_id, $1, $2 FROM person p WHERE p.id = $3
            """,
            [digest, now, user]
        )
        try connection.execute(
            """
            DELETE FROM known_browser WHERE person_id = $1 AND digest IN (SELECT digest FROM known_browser
            WHERE person_id = $1 ORDER BY last_used_at DESC, digest LIMIT 1000000 OFFSET $2)
            """,
            [user, KnownBrowser.maximum]
        )
    }

    func forget(all user: User.ID) throws(StoreError) {
        try connection.execute("DELETE FROM known_browser WHERE person_id = $1", [user])
    }
}
