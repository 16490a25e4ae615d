import Foundation
package import Secrets
import Synchronization

/// The database's clock, as far as this node can tell: the last reading, and the time that went by since.
///
/// What went by is measured by a clock that nobody sets. When this node's own clock was set meanwhile (or the machine
/// slept), the difference shows, and the database is asked again before the next decision.
package final class DatabaseClock: WallClock {
    /// Microseconds since 1970, by the server.
    static let expression = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    /// One look at the database's clock, with this node's clocks at the same moment.
    struct Reading: Sendable {
        fileprivate var database: Int64 = 0
        fileprivate var own: Int64
        fileprivate var monotonic: ContinuousClock.Instant
        fileprivate var uncertainty: Int64 = 0

        static func begin() -> Reading { Reading(own: DatabaseClock.ownMicroseconds, monotonic: .now) }

        /// The server looked somewhere between asking and hearing: in the middle, give or take half of it.
        func ended(database: Int64) -> Reading {
            let round = DatabaseClock.microseconds(.now - monotonic)
            return Reading(
                database: database,
                own: own + round / 2,
                monotonic: monotonic + .microseconds(round / 2),
                uncertainty: round / 2
            )
        }
    }

    private static let stepMicroseconds: Int64 = 200_000
    private static let sharpMicroseconds: Int64 = 20_000
    /// A node that is further off is not ready.
    package static let toleranceSeconds: Int64 = 2

    private struct State {
        var reading: Reading?
        /// A step of the own clock that the database could not be asked about.
        var knownStep: Int64 = 0
        var askAgain: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameter body: asks the database now and waits for it, a second at the most.
    func onStep(_ body: (@Sendable () -> Void)?) {
        state.withLock { $0.askAgain = body }
    }

    func take(_ new: Reading) {
        state.withLock { state in
            state.knownStep = 0
            guard let old = state.reading else {
                state.reading = new
                return
            }
            let expected = old.database + Self.microseconds(new.monotonic - old.monotonic)
            // A slow answer tells less than what is known already, unless it contradicts it, or this node's own clocks
            // disagree about the time that went by.
            let isSharp = new.uncertainty <= max(Self.sharpMicroseconds, old.uncertainty)
            let contradicts = abs(new.database - expected) > new.uncertainty + Self.sharpMicroseconds
            let step = new.own - old.own - Self.microseconds(new.monotonic - old.monotonic)
            state.reading = new
            if !isSharp, !contradicts, abs(step) <= Self.sharpMicroseconds {
                state.reading?.database = expected
                state.reading?.uncertainty = old.uncertainty
            }
        }
    }

    package var now: UnixTime {
        let ask = state.withLock { state -> (@Sendable () -> Void)? in
            guard let reading = state.reading else { return state.askAgain }
            let step = Self.step(since: reading)
            guard abs(step - state.knownStep) > Self.stepMicroseconds else { return nil }
            state.knownStep = step
            return state.askAgain
        }
        ask?()
        let microseconds = state.withLock { state in
            guard let reading = state.reading else { return Self.ownMicroseconds }
            return reading.database + Self.microseconds(.now - reading.monotonic)
        }
        return UnixTime(seconds: Int64((Double(microseconds) / 1_000_000).rounded(.down)))
    }

    /// How far this node's clock is ahead of the database's, in whole seconds; negative when it is behind.
    package var secondsAhead: Int64 {
        state.withLock { state in
            guard let reading = state.reading else { return 0 }
            return (reading.own + Self.step(since: reading) - reading.database) / 1_000_000
        }
    }

    package var isRight: Bool { abs(secondsAhead) <= Self.toleranceSeconds }

    /// By how much the own clock was set since then.
    private static func step(since reading: Reading) -> Int64 {
        ownMicroseconds - reading.own - microseconds(.now - reading.monotonic)
    }

    private static var ownMicroseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    private static func microseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
    }
}
