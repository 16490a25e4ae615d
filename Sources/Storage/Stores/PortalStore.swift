import Accounts
package import Secrets
import SignIn

/// Implements the ports of the inner modules over any engine.
///
/// Secrets are sealed and opened here, at the rim: the rules see them open, the tables never do.
package struct PortalStore: Sendable {
    let database: any Database
    let keyRing: KeyRing
    package let endings: SessionEndingHub

    package init(database: any Database, keyRing: KeyRing, endings: SessionEndingHub = SessionEndingHub()) {
        self.database = database
        self.keyRing = keyRing
        self.endings = endings
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

    /// The same for what may end sessions or narrow them: every node is told with the commit, this one before the
    /// answer goes out.
    func transactEnding<Value: Sendable>(
        at now: UnixTime,
        _ body: @escaping @Sendable (any SQLConnection) throws -> (Value, [SessionEnding])
    ) async throws(StoreError) -> Value {
        let (value, endings) = try await transact { connection in
            let (value, endings) = try body(connection)
            try SessionEndingWriter(connection: connection, now: now).append(endings)
            return (value, endings)
        }
        for ending in endings { self.endings.tell(ending) }
        return value
    }
}
