package import Accounts
package import Secrets

/// A form that was sent and waits for a fresh proof of the session that sent it.
///
/// Another session cannot see it, and it is done only from the page that names it: whoever plants one in somebody's
/// session gains nothing from their next proof for something else.
package struct WaitingPost: Sendable, Equatable {
    package typealias ID = Secrets.ID<WaitingPost>

    /// Of one session; a further one takes the place of the oldest.
    package static let maximumPerSession = 4

    package let id: ID
    package let sessionID: PortalSession.ID
    package let accountID: Account.ID
    /// Path and query that it was sent to.
    package let path: String
    package let need: ProofNeed
    /// The form and what its page says of it; the store seals it, bound to id, session, need and path.
    package let content: [UInt8]
    package let expiresAt: UnixTime

    package init(
        id: ID,
        sessionID: PortalSession.ID,
        accountID: Account.ID,
        path: String,
        need: ProofNeed,
        content: [UInt8],
        expiresAt: UnixTime
    ) {
        self.id = id
        self.sessionID = sessionID
        self.accountID = accountID
        self.path = path
        self.need = need
        self.content = content
        self.expiresAt = expiresAt
    }
}

/// Where posts wait.
package protocol WaitingPostStore: Sendable {
    /// Nothing happens where the session does not go on under this token.
    func keep(_ post: WaitingPost, by session: TokenDigest) async throws(StoreError)
    /// Nil when it is done, expired or another session's.
    func waitingPost(
        _ id: WaitingPost.ID,
        of session: PortalSession.ID,
        at now: UnixTime
    ) async throws(StoreError) -> WaitingPost?
    /// Takes it out, once.
    func takePost(
        _ id: WaitingPost.ID,
        of session: PortalSession.ID,
        at now: UnixTime
    ) async throws(StoreError) -> WaitingPost?
}
