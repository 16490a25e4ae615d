import Foundation
package import Secrets
import Synchronization

/// The database's clock, as far as this node can tell: the last reading, and the time that went by since.
///
/// What went by is measured by a clock that nobody sets, and that runs on while the machine sleeps. When this node's own
/// clock was set meanwhile the difference shows, and the database is asked again before the next decision.
package final class DatabaseClock: WallClock {
    /// Microseconds since 1970, by the server.
    static let expression = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    /// One look at the database's clock, with this node's clocks at the same moment.
    struct Reading: Sendable {
        fileprivate var database: Int64 = 0
        fileprivate var own: Int64
        fileprivate var steady: Int64
        fileprivate var uncertainty: Int64 = 0
    }

    /// Shorter than five guesses of a password take: a step that nobody notices must not carry a wait of a second away.
    private static let stepMicroseconds: Int64 = 50_000
    private static let sharpMicroseconds: Int64 = 20_000
    private static let momentMicroseconds: Int64 = 5_000
    /// A node that is further off is not ready.
    package static let toleranceSeconds: Int64 = 2

    private struct State {
        var reading: Reading?
        var readings = 0
        /// A step of the own clock that the database could not be asked about.
        var knownStep: Int64 = 0
        var askAgain: (@Sendable () -> Void)?
    }

    private let node: NodeClocks
    private let state = Mutex(State())

    init(node: NodeClocks = .system) {
        self.node = node
    }

    func beginReading() -> Reading {
        let (own, steady) = lookAtBoth()
        return Reading(own: own, steady: steady)
    }

    /// Takes what the server said. It looked somewhere between asking and hearing: in the middle, give or take half of
    /// it.
    func take(_ begun: Reading, database: Int64) {
        let half = (node.steady() - begun.steady) / 2
        take(Reading(database: database, own: begun.own + half, steady: begun.steady + half, uncertainty: half))
    }

    /// - Parameter body: asks the database now and waits for it, a second at the most.
    func onStep(_ body: (@Sendable () -> Void)?) {
        state.withLock { $0.askAgain = body }
    }

    private func take(_ new: Reading) {
        state.withLock { state in
            state.knownStep = 0
            state.readings += 1
            guard let old = state.reading else {
                state.reading = new
                return
            }
            let expected = old.database + new.steady - old.steady
            // A slow answer tells less than what is known already, unless it contradicts it, or this node's own clocks
            // disagree about the time that went by.
            let isSharp = new.uncertainty <= max(Self.sharpMicroseconds, old.uncertainty)
            let contradicts = abs(new.database - expected) > new.uncertainty + Self.sharpMicroseconds
            let step = new.own - old.own - (new.steady - old.steady)
            state.reading = new
            if !isSharp, !contradicts, abs(step) <= Self.sharpMicroseconds {
                state.reading?.database = expected
                state.reading?.uncertainty = old.uncertainty
            }
        }
    }

    package var now: UnixTime {
        // Whoever meets the step waits for the answer, also when somebody else has asked already; and again when the clock
        // was set once more meanwhile.
        for _ in 0..<3 {
            let due = state.withLock { state in mustAsk(state) ? (ask: state.askAgain, readings: state.readings) : nil }
            guard let due else { break }
            due.ask?()
            let isAnswered = state.withLock { state in
                if state.readings != due.readings { return true }
                // This node's own step is all that is known, and need not be asked about at every turn.
                if let reading = state.reading { state.knownStep = step(since: reading) }
                return false
            }
            if !isAnswered { break }
        }
        let microseconds = state.withLock { state in
            guard let reading = state.reading else { return node.wall() }
            return reading.database + node.steady() - reading.steady
        }
        return UnixTime(seconds: Int64((Double(microseconds) / 1_000_000).rounded(.down)))
    }

    private func mustAsk(_ state: borrowing State) -> Bool {
        guard let reading = state.reading else { return true }
        return abs(step(since: reading) - state.knownStep) > Self.stepMicroseconds
    }

    /// How far this node's clock is ahead of the database's, in whole seconds; negative when it is behind.
    package var secondsAhead: Int64 {
        state.withLock { state in
            guard let reading = state.reading else { return 0 }
            return (reading.own + step(since: reading) - reading.database) / 1_000_000
        }
    }

    package var isRight: Bool { abs(secondsAhead) <= Self.toleranceSeconds }

    /// By how much the own clock was set since then.
    private func step(since reading: Reading) -> Int64 {
        let (own, steady) = lookAtBoth()
        return own - reading.own - (steady - reading.steady)
    }

    /// Both clocks at one moment: looked at again where this thread paused between the two, which is no step.
    private func lookAtBoth() -> (own: Int64, steady: Int64) {
        var own: Int64 = 0
        var steady: Int64 = 0
        for _ in 0..<3 {
            let before = node.steady()
            own = node.wall()
            steady = node.steady()
            if steady - before < Self.momentMicroseconds { break }
        }
        return (own, steady)
    }
}

/// This node's own clocks, in microseconds: the one that people and time servers set, since 1970; and one that nobody
/// sets, since some moment.
struct NodeClocks: Sendable {
    let wall: @Sendable () -> Int64
    let steady: @Sendable () -> Int64

    static let system: NodeClocks = {
        let start = ContinuousClock.now
        return NodeClocks(
            wall: { Int64(Date().timeIntervalSince1970 * 1_000_000) },
            steady: {
                let passed = (.now - start).components
                return passed.seconds * 1_000_000 + passed.attoseconds / 1_000_000_000_000
            }
        )
    }()
}
