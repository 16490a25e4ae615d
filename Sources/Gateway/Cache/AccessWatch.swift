package import Accounts

/// Keeps a node's memory true: reads what has changed, forgets it, and confirms the rest.
///
/// One reading at a time; whoever comes meanwhile waits for it. A listener that hears of changes in another way may
/// call `catchUp` at once, or the cache's `heard` with what it knows.
package actor AccessWatch {
    /// Commits of several nodes may become visible out of order; so many numbers are looked at again.
    private static let lookBack: Int64 = 500

    private let store: any GatewayStore
    private let cache: AccessCache
    private let uptime: @Sendable () -> UInt64
    private var newest: Int64?
    private var seen: Set<Int64> = []
    private var running: Task<Void, any Error>?

    package init(store: any GatewayStore, cache: AccessCache, uptime: @escaping @Sendable () -> UInt64) {
        self.store = store
        self.cache = cache
        self.uptime = uptime
    }

    package func catchUp() async throws(StoreError) {
        let task = running ?? Task { try await self.read() }
        running = task
        do {
            try await task.value
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unavailable
        }
    }

    private func read() async throws {
        defer { running = nil }
        // Before the question: what is committed after it may be missing in the answer.
        let asked = uptime()
        guard let newest else {
            let newest = try await store.newestChange()
            seen = Set(try await store.changes(after: newest - Self.lookBack).map(\.number))
            self.newest = newest
            // What was remembered before there was a number to read on from cannot be vouched for.
            cache.forgetEverything()
            cache.confirm(at: asked)
            return
        }
        let records = try await store.changes(after: newest - Self.lookBack)
        cache.heard(records.filter { seen.insert($0.number).inserted }.map(\.change))
        self.newest = max(newest, records.last?.number ?? newest)
        if seen.count > 4 * Int(Self.lookBack) {
            let floor = (self.newest ?? 0) - Self.lookBack
            seen = seen.filter { $0 > floor }
        }
        cache.confirm(at: asked)
    }
}
