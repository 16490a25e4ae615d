package import Accounts
package import Gateway
package import Secrets
import SignIn

/// From a portal session to an application's own: ticket out, ticket back, session.
extension PortalStore {
    package func issue(_ ticket: HandOverTicket, by session: TokenDigest) async throws(StoreError) -> Bool {
        try await transact { connection in
            try Turns(connection: connection, keyRing: keyRing).take(ticket.userID)
            // One guarded write: a session that has gone on under another token since the request began hands out none.
            return try connection.execute(
                """
                INSERT INTO hand_over_ticket (digest, account_id, application_id, portal_session_id, person_id, nonce,
                return_to, expires_at, origin) SELECT $1, s.account_id, $2, s.id, s.person_id, $3, $4, $5, $6
                FROM portal_session s WHERE s.id = $7 AND s.digest = $8 AND s.account_id = $9 AND s.person_id = $10
                """,
                [
                    ticket.digest, ticket.applicationID, ticket.nonce, ticket.returnTo, ticket.expiresAt,
                    ticket.origin, ticket.portalSessionID, session, ticket.accountID, ticket.userID,
                ]
            ) == 1
        }
    }

    package func redeem(_ callback: HandOverCallback, at now: UnixTime) async throws(StoreError) -> HandOverRedemption {
        try await transactEnding(at: now) { connection in
            // Before the row, as whoever ends sessions does; and never beside the deletion of the person, which looks
            // whether they have opened anything.
            try Turns(connection: connection, keyRing: keyRing).take(ticket: callback.ticket)
            // Spent whatever comes of it: of any number who bring the same ticket one gets it, and once.
            let rows = try connection.query(
                """
                DELETE FROM hand_over_ticket WHERE digest = $1 RETURNING digest, application_id, account_id,
                portal_session_id, person_id, nonce, return_to, expires_at, origin
                """,
                [callback.ticket]
            )
            guard let row = rows.first else { return (.refused(.unknown), []) }
            let ticket = HandOverTicket(
                digest: try row.digest(0),
                applicationID: try row.id(1),
                accountID: try row.id(2),
                portalSessionID: try row.id(3),
                userID: try row.id(4),
                nonce: try row.digest(5),
                returnTo: try row.text(6),
                origin: try row.text(8),
                expiresAt: try row.time(7)
            )
            if let refusal = HandOverRules.refusal(
                of: ticket,
                at: callback.application,
                nonce: callback.nonce,
                now: now
            ) {
                return (.refused(refusal), [])
            }
            let reader = SubjectReader(connection: connection, keyRing: keyRing)
            guard let person = try reader.person(where: "p.id = $1", ticket.userID), person.user.isEnabled,
                let application = try ApplicationReader(connection: connection)
                    .one(ticket.applicationID, of: ticket.accountID)
            else { return (.refused(.sessionEnded), []) }
            if let refusal = HandOverRules.refusal(of: ticket, in: application) { return (.refused(refusal), []) }
            let endings = try end(callback.replaced, on: application.origin.host, connection)
            let opened = try connection.execute(
                """
                INSERT INTO application_session (id, digest, account_id, application_id, portal_session_id, created_at,
                origin) SELECT $1, $2, s.account_id, $3, s.id, $4, $5 FROM portal_session s WHERE s.id = $6
                """,
                [
                    callback.sessionID, callback.sessionDigest, ticket.applicationID, now, application.origin.text,
                    ticket.portalSessionID,
                ]
            )
            guard opened == 1 else { return (.refused(.sessionEnded), []) }
            try connection.execute(
                "UPDATE person SET has_opened = 1 WHERE id = $1 AND has_opened = 0",
                [ticket.userID]
            )
            try ActivityWriter(connection: connection, now: now).append([
                ActivityEntry(
                    .applicationOpened,
                    accountID: ticket.accountID,
                    actor: ActivityPerson(person.user),
                    address: callback.address,
                    parameters: [ActivityParameter("application", application.name)]
                )
            ])
            return (.opened(returnTo: ticket.returnTo), endings)
        }
    }

    /// The session that the browser had before may be another person's: whose it was must be told. A cookie knows no
    /// ports, so that it may be another application's on the host, too.
    private func end(
        _ replaced: TokenDigest?,
        on host: String,
        _ connection: any SQLConnection
    ) throws(StoreError) -> [SessionEnding] {
        guard let replaced,
            let row = try connection.first(
                """
                SELECT s.person_id FROM application_session v JOIN portal_session s ON s.id = v.portal_session_id
                JOIN application a ON a.id = v.application_id WHERE v.digest = $1 AND a.host = $2
                """,
                [replaced, host]
            )
        else { return [] }
        try connection.execute("DELETE FROM application_session WHERE digest = $1", [replaced])
        return [.person(try row.id(0))]
    }
}
