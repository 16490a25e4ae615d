package import Accounts
package import Secrets
package import SignIn

/// Posts that wait for a fresh proof; sealed, since a form may say what is nobody else's business.
extension PortalStore: WaitingPostStore {
    package func keep(_ post: WaitingPost, by session: TokenDigest) async throws(StoreError) {
        guard let sealed = try? keyRing.seal(post.content, in: SealPlaces.waitingPost(post)) else {
            throw .corrupt("a post could not be sealed")
        }
        try await transact { connection in
            // Only of a session that is still there; and one hand after the other, so that the number holds.
            let live = try connection.execute(
                "UPDATE portal_session SET wrong_proofs = wrong_proofs WHERE id = $1 AND digest = $2",
                [post.sessionID, session]
            )
            guard live == 1 else { return }
            try connection.execute(
                """
                DELETE FROM waiting_post WHERE id IN (SELECT id FROM waiting_post WHERE portal_session_id = $1
                ORDER BY expires_at DESC, id LIMIT 1000000 OFFSET $2)
                """,
                [post.sessionID, WaitingPost.maximumPerSession - 1]
            )
            try connection.execute(
                """
                INSERT INTO waiting_post (id, account_id, portal_session_id, path, need, sealed, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    post.id, post.accountID, post.sessionID, post.path, post.need.rawValue, sealed.bytes,
                    post.expiresAt,
                ]
            )
        }
    }

    package func waitingPost(
        _ id: WaitingPost.ID,
        of session: PortalSession.ID,
        at now: UnixTime
    ) async throws(StoreError) -> WaitingPost? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(Self.columns) FROM waiting_post WHERE \(Self.condition)",
                [id, session, now]
            ).map { try post($0) }
        }
    }

    package func takePost(
        _ id: WaitingPost.ID,
        of session: PortalSession.ID,
        at now: UnixTime
    ) async throws(StoreError) -> WaitingPost? {
        try await transact { connection in
            try connection.query(
                "DELETE FROM waiting_post WHERE \(Self.condition) RETURNING \(Self.columns)",
                [id, session, now]
            ).first.map { try post($0) }
        }
    }

    private static let columns = "id, portal_session_id, account_id, path, need, sealed, expires_at"
    private static let condition = "id = $1 AND portal_session_id = $2 AND expires_at > $3"

    private func post(_ row: SQLRow) throws(StoreError) -> WaitingPost {
        guard let need = ProofNeed(rawValue: try row.text(4)) else { throw .corrupt("unknown need of a proof") }
        let sealed = WaitingPost(
            id: try row.id(0),
            sessionID: try row.id(1),
            accountID: try row.id(2),
            path: try row.text(3),
            need: need,
            content: [],
            expiresAt: try row.time(6)
        )
        // Moved to another session, path or need it does not open.
        let place = SealPlaces.waitingPost(sealed)
        guard let content = try? keyRing.open(SealedValue(bytes: try row.blob(5)), in: place) else {
            throw .corrupt("a waiting post that does not open")
        }
        return WaitingPost(
            id: sealed.id,
            sessionID: sealed.sessionID,
            accountID: sealed.accountID,
            path: sealed.path,
            need: need,
            content: content,
            expiresAt: sealed.expiresAt
        )
    }
}
