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

    func endUnreachable(of user: User.ID?) throws(StoreError) {
        guard let user else { return try end("k.account_id = $1", [accountID]) }
        try end("k.account_id = $1 AND k.person_id = $2", [accountID, user])
    }

    func endUnreachable(at application: Application.ID) throws(StoreError) {
        try end(
            """
            k.account_id = $1 AND k.id IN (SELECT token_id FROM api_token_application
            WHERE account_id = $1 AND application_id = $2)
            """,
            [accountID, application]
        )
    }

    private func end(_ tokens: String, _ values: [any SQLConvertible]) throws(StoreError) {
        for row in try connection.query("SELECT k.id FROM api_token k WHERE \(tokens)", values) {
            let id = try row.text(0)
            try connection.execute(
                """
                DELETE FROM api_token_application WHERE token_id = $1 AND application_id NOT IN (
                SELECT n.id FROM api_token k JOIN person p ON p.id = k.person_id
                JOIN application n ON n.account_id = k.account_id
                WHERE k.id = $1 AND (p.account_admin = 1 OR n.everybody = 1 OR EXISTS (
                SELECT 1 FROM application_role a JOIN person_role m ON m.role_id = a.role_id
                WHERE a.application_id = n.id AND m.person_id = p.id)))
                """,
                [id]
            )
            try connection.execute(
                """
                DELETE FROM api_token WHERE id = $1
                AND NOT EXISTS (SELECT 1 FROM api_token_application WHERE token_id = $1)
                """,
                [id]
            )
        }
    }
}
