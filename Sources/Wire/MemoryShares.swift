import Synchronization

/// How much memory what is still on its way may take, all together and for one client.
///
/// Whoever sends slowly, or stops, holds memory for as long as the server waits. So when there is no room what began
/// first makes room: an ordinary request comes in one piece and is gone in a moment, so that it is always a slow one that
/// has to go, and nobody who fills the memory keeps others out (threats H01).
package final class MemoryShares: Sendable {
    package struct Limits: Sendable {
        /// Bytes of all.
        package let total: Int
        /// Bytes of one client's.
        package let each: Int
        /// What each counts for at the least: its connection takes room too.
        package let least: Int

        package init(total: Int, each: Int, least: Int = 4 * 1024) {
            self.total = total
            self.each = each
            self.least = least
        }
    }

    private struct Share {
        let client: String
        var bytes: Int
        let makeRoom: @Sendable () -> Void
    }

    private struct State {
        /// Numbered in the order in which they began.
        var shares: [Int: Share] = [:]
        var next = 0
        var total = 0
        var ofClient: [String: Int] = [:]

        mutating func add(_ bytes: Int, to client: String) {
            total += bytes
            let sum = (ofClient[client] ?? 0) + bytes
            ofClient[client] = sum == 0 ? nil : sum
        }

        mutating func remove(_ number: Int) -> Share? {
            guard let share = shares.removeValue(forKey: number) else { return nil }
            add(-share.bytes, to: share.client)
            return share
        }
    }

    private let limits: Limits
    private let state = Mutex(State())

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// Something begins to come.
    ///
    /// - Parameter makeRoom: ends its connection, when others need the memory.
    package func begin(client: String, makeRoom: @escaping @Sendable () -> Void) -> Int {
        change { state in
            state.next += 1
            state.shares[state.next] = Share(client: client, bytes: limits.least, makeRoom: makeRoom)
            state.add(limits.least, to: client)
            return (state.next, client)
        }
    }

    /// More of it has come.
    ///
    /// - Parameter bytes: how many there are now.
    /// - Returns: false when it has had to make room.
    package func grow(_ number: Int, to bytes: Int) -> Bool {
        change { state in
            guard let share = state.shares[number] else { return (false, nil) }
            let more = max(bytes, limits.least) - share.bytes
            state.shares[number]?.bytes += more
            state.add(more, to: share.client)
            return (true, share.client)
        } && state.withLock { $0.shares[number] != nil }
    }

    /// It is whole, or given up.
    ///
    /// - Returns: false when it has had to make room.
    @discardableResult
    package func end(_ number: Int) -> Bool {
        state.withLock { $0.remove(number) != nil }
    }

    /// Changes the state and then, for the client that took more, makes room.
    private func change<Result>(_ body: (inout State) -> (Result, client: String?)) -> Result {
        let (result, removed) = state.withLock { state in
            let (result, client) = body(&state)
            return (result, client.map { makeRoom(&state, $0) } ?? [])
        }
        for share in removed { share.makeRoom() }
        return result
    }

    private func makeRoom(_ state: inout State, _ client: String) -> [Share] {
        var removed: [Share] = []
        while state.ofClient[client] ?? 0 > limits.each {
            let own = state.shares.lazy.filter { $0.value.client == client }.map(\.key)
            guard let share = own.min().flatMap({ state.remove($0) }) else { break }
            removed.append(share)
        }
        while state.total > limits.total {
            guard let share = state.shares.keys.min().flatMap({ state.remove($0) }) else { break }
            removed.append(share)
        }
        return removed
    }
}
