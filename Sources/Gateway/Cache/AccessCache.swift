import Accounts
package import Secrets
package import SignIn
import Synchronization

/// What one node remembers between two looks at the database.
///
/// It is never older than its last confirmation: the newest number of changes was read, and everything that those
/// changes touch was forgotten. A change on this node is forgotten at once, before the answer that reports it leaves.
/// Time here is monotonic and handed in, in nanoseconds.
package final class AccessCache: Sendable {
    /// How old a confirmation may be for the cache to answer (INV-5 asks for one second).
    package static let maximumAge: UInt64 = 500_000_000
    private static let maximumEntries = 200_000
    private static let maximumUnknown = 20_000

    private struct State {
        var entries: [Key: AccessEntry] = [:]
        /// A few for each user at the most: a list is smaller than a set, and there is one for everybody.
        var byUser: [User.ID: [Key]] = [:]
        /// Digests that no row has. A random value that is not there never comes to be there.
        var unknown: Set<Key> = []
        var table: ApplicationTable?
        /// Counts every change that was heard of, so that a reading begun before it is not remembered after it.
        var changes: UInt64 = 0
    }

    /// A digest of one kind as four numbers: nothing is allocated to look it up.
    package struct Key: Hashable, Sendable {
        private let words: SIMD4<UInt64>

        package init(_ digest: TokenDigest) {
            words = digest.bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
        }

        package init(words: SIMD4<UInt64>) {
            self.words = words
        }
    }

    private let state = Mutex(State())
    private let confirmedAt = Atomic<UInt64>(0)
    private let askedAt = Atomic<UInt64>(0)

    package init() {}

    // MARK: The hot path

    /// Whether the cache may answer at this moment.
    package func isConfirmed(at now: UInt64, within age: UInt64 = AccessCache.maximumAge) -> Bool {
        let confirmed = confirmedAt.load(ordering: .acquiring)
        return confirmed != 0 && now < confirmed &+ age
    }

    package var table: ApplicationTable? { state.withLock { $0.table } }

    package enum Answer: Sendable {
        case entry(AccessEntry)
        /// The database has no such credential.
        case unknown
        /// The database has to be asked.
        case missing
    }

    package func answer(_ key: Key) -> Answer {
        state.withLock { state in
            if let entry = state.entries[key] { return .entry(entry) }
            return state.unknown.contains(key) ? .unknown : .missing
        }
    }

    // MARK: Remembering

    /// To be taken before the database is read, and given back with what was read.
    package struct Reading: Sendable {
        fileprivate let changes: UInt64
    }

    package func beginReading() -> Reading { Reading(changes: state.withLock { $0.changes }) }

    /// Remembers an entry unless something has changed since its reading began.
    package func remember(_ entry: AccessEntry, _ key: Key, _ reading: Reading) {
        state.withLock { state in
            guard state.changes == reading.changes else { return }
            if state.entries.count >= Self.maximumEntries {
                state.entries.removeAll(keepingCapacity: true)
                state.byUser.removeAll()
            }
            let isNew = state.entries.updateValue(entry, forKey: key) == nil
            if isNew { state.byUser[entry.userID, default: []].append(key) }
        }
    }

    package func rememberUnknown(_ key: Key) {
        state.withLock { state in
            if state.unknown.count >= Self.maximumUnknown { state.unknown.removeAll(keepingCapacity: true) }
            state.unknown.insert(key)
        }
    }

    package func remember(_ table: ApplicationTable, _ reading: Reading) {
        state.withLock { state in
            guard state.changes == reading.changes else { return }
            state.table = table
        }
    }

    // MARK: Forgetting

    package func heard(_ changes: [SessionEnding]) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            state.changes &+= 1
            for change in changes {
                switch change {
                case .person(let user):
                    for key in state.byUser.removeValue(forKey: user) ?? [] { state.entries[key] = nil }
                case .account(let account):
                    let gone = state.entries.filter { $0.value.accountID == account }
                    for (key, entry) in gone {
                        state.entries[key] = nil
                        state.byUser[entry.userID] = nil
                    }
                    state.table = nil
                case .all:
                    state.entries = [:]
                    state.byUser = [:]
                    state.table = nil
                }
            }
        }
    }

    package func forgetEverything() {
        state.withLock { state in
            state.changes &+= 1
            state.entries = [:]
            state.byUser = [:]
            state.unknown = []
            state.table = nil
        }
    }

    /// Everything that was changed before `time` has been heard of.
    package func confirm(at time: UInt64) {
        if confirmedAt.load(ordering: .relaxed) < time { confirmedAt.store(time, ordering: .releasing) }
    }

    // MARK: Use

    /// Somebody asks: the watch on changes goes on.
    package func noteAsked(at now: UInt64) {
        // Once in some milliseconds, so that two cores do not fight over it.
        if askedAt.load(ordering: .relaxed) &+ 50_000_000 < now { askedAt.store(now, ordering: .relaxed) }
    }

    package func wasAsked(since time: UInt64) -> Bool { askedAt.load(ordering: .relaxed) >= time }

    /// What was used since `time`; expired entries go.
    package func uses(since time: UnixTime, at now: UnixTime) -> [AccessUse] {
        state.withLock { state in
            var uses: [AccessUse] = []
            for (key, entry) in state.entries {
                if let use = entry.use(since: time) { uses.append(use) }
                guard !entry.holds(at: now) else { continue }
                state.entries[key] = nil
                state.byUser[entry.userID]?.removeAll { $0 == key }
                if state.byUser[entry.userID]?.isEmpty == true { state.byUser[entry.userID] = nil }
            }
            return uses
        }
    }

    package var count: Int { state.withLock { $0.entries.count } }
}
