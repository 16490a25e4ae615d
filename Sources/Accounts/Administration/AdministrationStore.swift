package import Secrets

/// What administration needs of a store: one transaction that reads, decides and applies.
package protocol AdministrationStore: Sendable {
    /// Reads the state of the account, its actor and the target, asks the rule, and applies the answer at once.
    func administer(
        _ accountID: Account.ID,
        actor: Actor,
        target: User.ID?,
        event: AdministrationEvent,
        at now: UnixTime
    ) async throws(StoreError) -> AdministrationDecision

    /// The first account and its first Account Admin; nil link is the command line.
    /// - Returns: false when the first-run link is not (or no longer) good.
    func createAccount(
        _ account: Account,
        admin: NewUser,
        firstRun: TokenDigest?,
        actorAddress: String,
        at now: UnixTime
    ) async throws(StoreError) -> Bool
}
