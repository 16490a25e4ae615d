import Accounts
import Gateway
import Secrets
import SignIn

/// Takes away what API tokens open at applications that their owner may not use any more, and tokens that open nothing.
///
/// The check looks at the owner's roles each time. This is for later: a role that comes back brings no old token along.
struct APITokenWriter {
    let connection: any SQLConnection
    let accountID: Account.ID

    /// - Parameters:
    ///   - user: whose; nil for everybody's of the account.
    ///   - application: where; nil for everywhere.
    func endUnreachable(of user: User.ID?, at application: Application.ID? = nil) throws(StoreError) {
        var condition = "s.account_id = $1"
        var values: [any SQLConvertible] = [accountID]
        if let application {
            values.append(application)
            condition += " AND s.application_id = $\(values.count)"
        }
        if let user {
            values.append(user)
            condition += " AND s.token_id IN (SELECT k.id FROM api_token k WHERE k.person_id = $\(values.count))"
        }
        let gone = try connection.query(
            """
            SELECT s.token_id, s.application_id FROM api_token_application s WHERE \(condition) AND NOT EXISTS (
            SELECT 1 FROM api_token k JOIN person p ON p.id = k.person_id JOIN application n ON n.id = s.application_id
            WHERE k.id = s.token_id AND (p.account_admin = 1 OR n.everybody = 1 OR EXISTS (
            SELECT 1 FROM application_role a JOIN person_role m ON m.role_id = a.role_id
            WHERE a.application_id = n.id AND m.person_id = p.id)))
            """,
            values
        )
        for row in gone {
            try connection.execute(
                "DELETE FROM api_token_application WHERE token_id = $1 AND application_id = $2",
                [try row.text(0), try row.text(1)]
            )
        }
        try connection.execute(
            """
            DELETE FROM api_token WHERE id IN (SELECT k.id FROM api_token k WHERE k.account_id = $1
            AND NOT EXISTS (SELECT 1 FROM api_token_application s WHERE s.token_id = k.id))
            """,
            [accountID]
        )
    }
}
