import CoreMetrics
import Telemetry
import Testing

@Suite("What the program measures of itself")
struct PrometheusTextTests {
    @Test("A counter has its name with _total, its labels, and the sum of what was counted")
    func counter() {
        let registry = MetricsRegistry()
        let counter = { Counter(label: "sign_in.steps", dimensions: [("outcome", $0)], factory: registry) }
        for _ in 0..<3 { counter("refused").increment() }
        counter("accepted").increment(by: 2)
        #expect(
            PrometheusText.render(registry.samples) == """
                # TYPE sign_in_steps_total counter
                sign_in_steps_total{outcome="accepted"} 2
                sign_in_steps_total{outcome="refused"} 3

                """
        )
    }

    @Test("A gauge shows its last level")
    func gauge() {
        let registry = MetricsRegistry()
        let meter = Meter(label: "active", factory: registry)
        meter.increment()
        meter.increment()
        meter.decrement()
        #expect(PrometheusText.render(registry.samples) == "# TYPE active gauge\nactive 1\n")
    }

    @Test("A timer is a histogram of seconds whose buckets add up")
    func histogram() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "duration", factory: registry)
        for milliseconds in [1, 2, 20, 20_000] { timer.recordMilliseconds(milliseconds) }
        let lines = PrometheusText.render(registry.samples).split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE duration_seconds histogram")
        #expect(lines.contains(#"duration_seconds_bucket{le="0.001"} 1"#))
        #expect(lines.contains(#"duration_seconds_bucket{le="0.025"} 3"#))
        #expect(lines.contains(#"duration_seconds_bucket{le="10"} 3"#))
        #expect(lines.contains(#"duration_seconds_bucket{le="+Inf"} 4"#))
        #expect(lines.contains("duration_seconds_count 4"))
        #expect(lines.contains("duration_seconds_sum 20.023"))
    }

    @Test("Names and label values cannot break out of their line")
    func escaping() {
        let registry = MetricsRegistry()
        Counter(label: "1 odd-name", dimensions: [("a b", "x\"} 1\n\\")], factory: registry).increment()
        #expect(
            PrometheusText.render(registry.samples)
                == "# TYPE _1_odd_name_total counter\n_1_odd_name_total{a_b=\"x\\\"} 1\\n\\\\\"} 1\n"
        )
    }
}
