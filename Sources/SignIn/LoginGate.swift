package import Secrets

/// Lets one password check a login run at a time on this node, and one for each browser that is known for it.
///
/// A guess is charged before it is judged. Without the gate five right passwords sent together (a fleet of agents after
/// a power cut) would look like five failures and shut the rest out. Whoever waits has not been charged yet.
package actor LoginGate {
    /// Where somebody stands: the portal's people and the agents never wait for each other.
    package enum Place: Hashable, Sendable {
        case agent(login: String)
        case person(login: String, knownBrowser: TokenDigest? = nil)
    }

    /// Of all places: a fleet may share a login, and a request that waits holds some 40 kB.
    private static let maximumWaiting = 200

    private typealias Waiter = CheckedContinuation<Void, any Error>
    /// A place is in here while a check of it runs.
    private var queues: [Place: [Waiter]] = [:]
    private(set) var waitingCount = 0

    package init() {}

    /// - Throws: `PasswordHashingError.overloaded` when very many wait already.
    package func pass<Value: Sendable>(
        _ place: Place,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await enter(place)
        defer { leave(place) }
        return try await body()
    }

    private func enter(_ place: Place) async throws {
        guard let queue = queues[place] else {
            queues[place] = []
            return
        }
        guard makesRoom(behind: queue.count) else { throw PasswordHashingError.overloaded }
        waitingCount += 1
        try await withCheckedThrowingContinuation { queues[place, default: []].append($0) }
    }

    /// When all room is taken, the last of the longest queue gives way, so that nobody who fills it keeps others out.
    private func makesRoom(behind length: Int) -> Bool {
        guard waitingCount >= Self.maximumWaiting else { return true }
        guard let (place, longest) = queues.max(by: { $0.value.count < $1.value.count }), longest.count > length + 1
        else { return false }
        waitingCount -= 1
        queues[place]?.popLast()?.resume(throwing: PasswordHashingError.overloaded)
        return true
    }

    private func leave(_ place: Place) {
        guard let next = queues[place]?.first else {
            queues[place] = nil
            return
        }
        waitingCount -= 1
        queues[place]?.removeFirst()
        next.resume()
    }
}
