import Secrets
import Synchronization
import Testing

@testable import Storage

/// A node and its database, each with a clock that the test sets; the answer takes as long as the test says.
private final class Pair: Sendable {
    /// Microseconds.
    struct Times {
        var passed: Int64 = 0
        var nodeIsAhead: Int64 = 0
        var databaseIsAhead: Int64 = 0
        var questions = 0
        var answers = true
        /// After that many more looks at one of the node's clocks its thread pauses once, for 70 ms.
        var looksUntilPause = -1

        mutating func look(at time: Int64) -> Int64 {
            if looksUntilPause == 0 { passed += 70_000 }
            looksUntilPause -= 1
            return time
        }
    }

    static let start: Int64 = 1_800_000_000
    let times = Mutex(Times())

    func clocks() -> NodeClocks {
        NodeClocks(
            wall: { [self] in
                times.withLock { $0.look(at: Self.start * 1_000_000 + $0.nodeIsAhead + $0.passed) }
            },
            steady: { [self] in times.withLock { $0.look(at: $0.passed) } }
        )
    }

    func clock() -> DatabaseClock {
        let clock = DatabaseClock(node: clocks())
        ask(clock)
        return clock
    }

    /// - Parameter way: microseconds there, and the same back.
    func ask(_ clock: DatabaseClock, way: Int64 = 500) {
        let reading = clock.beginReading()
        pass(way)
        let database = times.withLock { Self.start * 1_000_000 + $0.databaseIsAhead + $0.passed }
        pass(way)
        clock.take(reading, database: database)
    }

    func askWhenTold(by clock: DatabaseClock) {
        clock.onStep { [self, unowned clock] in
            let answers = times.withLock { times in
                times.questions += 1
                return times.answers
            }
            if answers { ask(clock) }
        }
    }

    func pass(_ microseconds: Int64) {
        times.withLock { $0.passed += microseconds }
    }

    func setNode(_ seconds: Int64) {
        times.withLock { $0.nodeIsAhead += seconds * 1_000_000 }
    }

    func setBoth(_ seconds: Int64) { setBoth(microseconds: seconds * 1_000_000) }

    func setBoth(microseconds: Int64) {
        times.withLock {
            $0.nodeIsAhead += microseconds
            $0.databaseIsAhead += microseconds
        }
    }

    var questions: Int { times.withLock(\.questions) }
}

private func moment(_ seconds: Int64) -> UnixTime { UnixTime(seconds: Pair.start + seconds) }

@Suite("The database's clock, as a node keeps it")
struct DatabaseClockTests {
    private let pair = Pair()

    @Test("runs on between two readings, whatever the node's own clock says")
    func runsOn() {
        pair.setNode(45)
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.pass(10_000_000)
        #expect(clock.now == moment(10))
        #expect(clock.secondsAhead == 45)
        #expect(!clock.isRight)
        #expect(pair.questions == 0)
    }

    @Test("is asked again before the next decision when the node's own clock was set", arguments: [-540, -1, 1, 540])
    func asksAgain(seconds: Int64) {
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.setBoth(seconds)
        #expect(clock.now == moment(seconds))
        #expect(clock.isRight)
        #expect(clock.now == moment(seconds))
        #expect(pair.questions == 1)
    }

    @Test(
        "is asked again when the clocks were set by less than the time that a guess of a password takes",
        arguments: [-180_000, -60_000, 60_000, 180_000] as [Int64]
    )
    func asksAgainAfterASmallStep(microseconds: Int64) {
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.pass(500_000)
        pair.setBoth(microseconds: microseconds)
        pair.pass(500_000 - 1_000 - microseconds)
        #expect(clock.now == moment(1))
        #expect(pair.questions == 1)
    }

    @Test(
        "takes a pause between its looks at the node's two clocks for no step, and overlooks none for it",
        arguments: 0...5,
        [0, 90_000, -90_000] as [Int64]
    )
    func pauses(after look: Int, step: Int64) {
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.setBoth(microseconds: step)
        pair.times.withLock { $0.looksUntilPause = look }
        _ = clock.now
        #expect(pair.questions == (step == 0 ? 0 : 1))
    }

    @Test("begins a reading at one moment, also when the thread pauses", arguments: 0...2)
    func pausesWhileReading(after look: Int) {
        let clock = DatabaseClock(node: pair.clocks())
        pair.times.withLock { $0.looksUntilPause = look }
        pair.ask(clock)
        pair.askWhenTold(by: clock)
        _ = clock.now
        #expect(pair.questions == 0)
    }

    @Test("asks once more when the clock is set again while the answer is on its way")
    func asksOnceMore() {
        let clock = pair.clock()
        let hasSet = Mutex(false)
        clock.onStep { [pair, unowned clock] in
            pair.ask(clock)
            let isFirst = hasSet.withLock { hasSet in
                defer { hasSet = true }
                return !hasSet
            }
            if isFirst { pair.setBoth(540) }
        }
        pair.setBoth(60)
        #expect(clock.now == moment(600))
        #expect(clock.now == moment(600))
    }

    @Test("stays where it was when the node's own clock alone was set", arguments: [-540, 540])
    func keepsItsTime(seconds: Int64) {
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.setNode(seconds)
        #expect(clock.now == moment(0))
        #expect(!clock.isRight)
    }

    @Test("tells nobody the old time while somebody else is asking")
    func allWait() {
        let clock = pair.clock()
        let second = Mutex<UnixTime?>(nil)
        let depth = Mutex(0)
        clock.onStep { [pair, unowned clock] in
            let isFirst = depth.withLock { depth in
                depth += 1
                return depth == 1
            }
            // Another request, in the moment between the question of the first and the answer.
            if isFirst {
                let now = clock.now
                second.withLock { $0 = now }
            }
            pair.ask(clock)
        }
        pair.setBoth(540)
        #expect(clock.now == moment(540))
        #expect(second.withLock(\.self) == moment(540))
    }

    @Test("asks about a step once while the database does not answer, and about the next step again")
    func asksOnce() {
        let clock = pair.clock()
        pair.askWhenTold(by: clock)
        pair.times.withLock { $0.answers = false }
        pair.setNode(60)
        for _ in 1...3 { #expect(clock.now == moment(0)) }
        #expect(pair.questions == 1)
        pair.setNode(60)
        #expect(clock.now == moment(0))
        #expect(pair.questions == 2)
    }

    @Test("does not believe a slow answer more than it deserves, unless it contradicts what is known")
    func slowAnswers() {
        let clock = pair.clock()
        // The whole delay was on the way back: taken for the middle, it would be 0.4 s wrong.
        let reading = clock.beginReading()
        let database = Pair.start * 1_000_000 + pair.times.withLock(\.passed)
        pair.pass(800_000)
        clock.take(reading, database: database)
        pair.pass(1_000_000 - 800_000 - 1_000)
        #expect(clock.now == moment(1))
        pair.times.withLock { $0.databaseIsAhead = 30_000_000 }
        pair.ask(clock, way: 400_000)
        #expect(clock.now == moment(31))
    }
}
