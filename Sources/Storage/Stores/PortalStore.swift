import Accounts
package import Secrets

/// Implements the ports of the inner modules over any engine.
///
/// Secrets are sealed and opened here, at the rim: the rules see them open, the tables never do.
package struct PortalStore: Sendable {
    let database: any Database
    let keyRing: KeyRing

    package init(database: any Database, keyRing: KeyRing) {
        self.database = database
        self.keyRing = keyRing
    }

    /// Decides and applies in one transaction; again, on a conflict, at most twice.
    func transact<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        for attempt in 1...3 {
            do {
                return try await database.write(body)
            } catch {
                guard error == .conflict, attempt < 3 else { throw error }
            }
        }
        throw .conflict
    }
}
