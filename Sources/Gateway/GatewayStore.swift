package import Accounts
package import Secrets
package import SignIn

/// What forward-auth needs of a store. The check itself writes nothing.
package protocol GatewayStore: Sendable {
    // Applications
    func applications(_ account: Account.ID) async throws(StoreError) -> [Application]
    /// Of all accounts, for the table that a node keeps in memory.
    func allApplications() async throws(StoreError) -> [Application]
    /// Reads the state, asks the rule and applies its answer, in one transaction.
    func changeApplication(
        _ account: Account.ID,
        _ application: Application.ID?,
        actor: Actor,
        event: ApplicationEvent,
        portalOrigin: Origin?,
        at now: UnixTime
    ) async throws(StoreError) -> ApplicationDecision

    // Whose host names are whose
    /// Whom the most specific grant names.
    func hostOwner(_ host: String) async throws(StoreError) -> Account.ID?
    func hostGrants(_ account: Account.ID) async throws(StoreError) -> [HostPattern]
    /// - Returns: nil when it is granted, also when it was before.
    func grantHost(
        _ pattern: HostPattern,
        to account: Account.ID,
        at now: UnixTime
    ) async throws(StoreError) -> HostGrantRefusal?
    /// - Returns: false when this account has no such grant.
    func revokeHost(_ pattern: HostPattern, of account: Account.ID, at now: UnixTime) async throws(StoreError) -> Bool

    // The hand-over
    func roles(of user: User.ID) async throws(StoreError) -> [Role.ID: String]
    /// - Returns: false when the session has ended, or goes on under another token.
    func issue(_ ticket: HandOverTicket, by session: TokenDigest) async throws(StoreError) -> Bool
    /// Spends the ticket and, where it is good, opens the session: one transaction.
    func redeem(_ callback: HandOverCallback, at now: UnixTime) async throws(StoreError) -> HandOverRedemption

    // The check
    func visit(_ digest: TokenDigest) async throws(StoreError) -> ApplicationVisit?
    func bearer(_ digest: TokenDigest) async throws(StoreError) -> APITokenBearer?
    /// The number of the newest change, from which a node that starts reads on.
    func newestChange() async throws(StoreError) -> Int64
    /// Changes with a number above this one, of this node and of others.
    func changes(after number: Int64) async throws(StoreError) -> [AccessChangeRecord]
    /// Notes what was used since the last time, so that work in an application keeps the portal session awake.
    func touch(_ uses: [AccessUse], at now: UnixTime) async throws(StoreError)

    /// Notes when a proxy last asked about an application without naming the origin that it serves.
    func noteUnpinned(_ questions: [Application.ID: UnixTime]) async throws(StoreError)
    /// The applications about which that happened since then, and when last.
    func unpinned(_ account: Account.ID, since: UnixTime) async throws(StoreError) -> [Application.ID: UnixTime]

    // API tokens
    func apiTokens(_ user: User.ID) async throws(StoreError) -> [APIToken]
    func create(
        _ token: APIToken,
        by view: SessionView,
        address: String,
        at now: UnixTime
    ) async throws(StoreError) -> APITokenRefusal?
    /// - Returns: false when this person has no such token.
    func revoke(
        _ token: APIToken.ID,
        by view: SessionView,
        address: String,
        at now: UnixTime
    ) async throws(StoreError) -> Bool
}

/// What a browser brings back to an application's host.
package struct HandOverCallback: Sendable {
    package let ticket: TokenDigest
    package let nonce: TokenDigest
    package let application: Application.ID
    /// The session to open.
    package let sessionID: ApplicationSession.ID
    package let sessionDigest: TokenDigest
    /// The session that this browser had before at this application.
    package let replaced: TokenDigest?
    package let address: String

    package init(
        ticket: TokenDigest,
        nonce: TokenDigest,
        application: Application.ID,
        sessionID: ApplicationSession.ID,
        sessionDigest: TokenDigest,
        replaced: TokenDigest?,
        address: String
    ) {
        self.ticket = ticket
        self.nonce = nonce
        self.application = application
        self.sessionID = sessionID
        self.sessionDigest = sessionDigest
        self.replaced = replaced
        self.address = address
    }
}

/// Something that was used.
package enum AccessUse: Sendable, Hashable {
    case portalSession(PortalSession.ID, at: UnixTime)
    case apiToken(APIToken.ID, at: UnixTime)
}
