import Secrets

/// Lets one password check a login run at a time on this node, and one for each browser that is known for it.
///
/// A guess is charged before it is judged. Without the gate five right passwords sent together (a fleet of agents after
/// a power cut) would look like five failures and shut the rest out. Whoever waits has not been charged yet.
package actor LoginGate {
    private static let maximumWaiting = 200

    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    package init() {}

    /// - Throws: `PasswordHashingError.overloaded` when very many wait for the same login already.
    package func pass<Value: Sendable>(
        _ key: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await enter(key)
        defer { leave(key) }
        return try await body()
    }

    private func enter(_ key: String) async throws {
        guard let queue = waiting[key] else {
            waiting[key] = []
            return
        }
        guard queue.count < Self.maximumWaiting else { throw PasswordHashingError.overloaded }
        await withCheckedContinuation { waiting[key, default: []].append($0) }
    }

    private func leave(_ key: String) {
        guard var queue = waiting[key], !queue.isEmpty else {
            waiting[key] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[key] = queue
        next.resume()
    }
}
