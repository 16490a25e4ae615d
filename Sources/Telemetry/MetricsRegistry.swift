package import CoreMetrics
import Synchronization

/// Keeps what the program measures of itself, for whoever asks; the one factory behind swift-metrics.
///
/// A label comes from a fixed set (a route's pattern, a status, an outcome), never from what somebody sent, so that
/// the number of series is bounded and none of them holds a secret.
package final class MetricsRegistry: MetricsFactory {
    private struct SeriesID: Hashable {
        let name: String
        let labels: [SeriesLabel]
    }

    private let instruments = Mutex<[SeriesID: any Instrument]>([:])

    package init() {}

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instrument(label, dimensions) { CounterInstrument() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(label, dimensions) { GaugeInstrument() }
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        aggregate
            ? instrument(label, dimensions) { HistogramInstrument() }
            : instrument(label, dimensions) { GaugeInstrument() } as any RecorderHandler
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(label, dimensions) { HistogramInstrument() }
    }

    // A series once begun stays: Prometheus takes one that goes and comes back for a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: Series

    /// The instrument of this name and these labels, the same at every call. One of another kind under the name, a
    /// programmer's slip, gets an instrument that nobody reads rather than ending the server.
    private func instrument<Kind: Instrument>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ make: () -> Kind
    ) -> Kind {
        let id = SeriesID(name: label, labels: dimensions.map { SeriesLabel(name: $0.0, value: $0.1) })
        return instruments.withLock { instruments in
            if let known = instruments[id] { return known as? Kind ?? make() }
            let new = make()
            instruments[id] = new
            return new
        }
    }

    /// Everything as it stands now.
    package var samples: [Sample] {
        let instruments = instruments.withLock { $0 }
        return instruments.map { Sample(name: $0.name, labels: $0.labels, value: $1.value) }
    }
}

package struct SeriesLabel: Hashable, Sendable {
    package let name: String
    package let value: String
}

/// One series at one moment.
package struct Sample: Sendable {
    package enum Value: Sendable {
        case counter(Int64)
        case gauge(Double)
        /// Seconds; how many were at most each of `HistogramInstrument.bounds`, all of them, and their sum.
        case histogram(atMost: [Int], count: Int, sum: Double)
    }

    package let name: String
    package let labels: [SeriesLabel]
    package let value: Value
}
