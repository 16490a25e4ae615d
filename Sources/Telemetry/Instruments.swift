import CoreMetrics
import Synchronization

/// What one series is kept in.
protocol Instrument: AnyObject, Sendable {
    var value: Sample.Value { get }
}

final class CounterInstrument: Instrument, CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Sample.Value { .counter(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
}

final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
    private let level = Mutex(0.0)

    var value: Sample.Value { .gauge(level.withLock { $0 }) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { level.withLock { $0 = value } }
    func increment(by amount: Double) { level.withLock { $0 += amount } }
    func decrement(by amount: Double) { level.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// Durations in seconds, in buckets from a fast page to a browser's patience.
final class HistogramInstrument: Instrument, TimerHandler, RecorderHandler {
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        /// One more than there are bounds: the last takes what is beyond them.
        var buckets = [Int](repeating: 0, count: HistogramInstrument.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    var value: Sample.Value {
        let state = state.withLock { $0 }
        var total = 0
        let running = state.buckets.map { count in
            total += count
            return total
        }
        return .histogram(atMost: running.dropLast(), count: total, sum: state.sum)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }
}
