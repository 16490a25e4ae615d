import Synchronization

/// How many password hashes wait for a processor: what tells the rest of the process that a few milliseconds more
/// matter to nobody.
package final class HashingBacklog: Sendable {
    private let waiting = Atomic<Int>(0)

    package init() {}

    /// Hashes asked for and not begun.
    package var count: Int { waiting.load(ordering: .relaxed) }

    package func set(_ count: Int) { waiting.store(count, ordering: .relaxed) }
}
