/// Samples in the text format that Prometheus reads (exposition format 0.0.4).
package enum PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func render(_ samples: [Sample]) -> String {
        let families = Dictionary(grouping: samples) { familyName($0) }
        return families.sorted { $0.key < $1.key }.map { name, samples in
            let lines = samples.map { ($0, labels($0.labels)) }.sorted { $0.1 < $1.1 }
                .flatMap { Self.lines(name, $0.0) }
            return "# TYPE \(name) \(type(samples[0].value))\n" + lines.map { $0 + "\n" }.joined()
        }.joined()
    }

    private static func lines(_ name: String, _ sample: Sample) -> [String] {
        let own = labels(sample.labels)
        switch sample.value {
        case .counter(let count): return ["\(name)\(own) \(count)"]
        case .gauge(let level): return ["\(name)\(own) \(number(level))"]
        case .histogram(let atMost, let count, let sum):
            let bounds = HistogramInstrument.bounds.map(number) + ["+Inf"]
            let buckets = zip(bounds, atMost + [count]).map { bound, count in
                let bucket = labels(sample.labels + [SeriesLabel(name: "le", value: bound)])
                return "\(name)_bucket\(bucket) \(count)"
            }
            return buckets + ["\(name)_sum\(own) \(number(sum))", "\(name)_count\(own) \(count)"]
        }
    }

    private static func type(_ value: Sample.Value) -> String {
        switch value {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private static func familyName(_ sample: Sample) -> String {
        let name = safe(sample.name)
        return switch sample.value {
        case .counter: name.hasSuffix("_total") ? name : name + "_total"
        case .gauge: name
        case .histogram: name.hasSuffix("_seconds") ? name : name + "_seconds"
        }
    }

    private static func labels(_ labels: [SeriesLabel]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\(safe($0.name))=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    /// Letters, digits and underscores; a name does not begin with a digit.
    private static func safe(_ name: String) -> String {
        let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return text.first?.isNumber == true ? "_" + text : text
    }

    private static func escaped(_ value: String) -> String {
        value.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n", "\r\n": "\\n"
            default: String(character)
            }
        }.joined()
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
