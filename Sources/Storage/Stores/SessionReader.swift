import Accounts
import Secrets
import SignIn

/// A session with its person, as a page and as a change read it.
extension SubjectReader {
    func sessionView(_ digest: TokenDigest) throws(StoreError) -> SessionView? {
        guard
            let row = try connection.first(
                """
                SELECT \(Rows.session), \(Rows.user), \(Rows.account),
                (SELECT count(*) FROM authenticator u WHERE u.person_id = p.id)
                FROM portal_session s JOIN person p ON p.id = s.person_id JOIN account a ON a.id = p.account_id
                WHERE s.digest = $1
                """,
                [digest]
            )
        else { return nil }
        let user = try Rows.user(row, from: Rows.sessionColumns)
        let accountStart = Rows.sessionColumns + Rows.userColumns
        return SessionView(
            session: try Rows.session(row),
            user: user,
            account: try Rows.account(row, from: accountStart),
            permissions: try permissions(user),
            hasTwoFactor: try row.integer(accountStart + Rows.accountColumns) > 0
        )
    }

    /// The session of somebody who asks for a change, where it is there still under this token and its account lets it
    /// go on. Whether its factors are enough for the change is the rules' to say.
    func actingSession(_ digest: TokenDigest, of user: User.ID, at now: UnixTime) throws(StoreError) -> SessionView? {
        guard let view = try sessionView(digest), view.user.id == user,
            view.session.isLive(at: now, limits: view.account.sessionLimits),
            SessionGate.verdict(view, at: now) != .divert
        else { return nil }
        return view
    }
}
