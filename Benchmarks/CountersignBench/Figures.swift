import Foundation

/// Samples of one kind, in any order.
struct Samples: Sendable {
    private let sorted: [Double]

    init(_ values: some Sequence<Double>) {
        sorted = values.sorted()
    }

    /// The value below which a share of the samples lies; 0 without samples.
    func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }

    var median: Double { percentile(0.5) }
    var least: Double { sorted.first ?? 0 }
    var most: Double { sorted.last ?? 0 }
}

/// A moment of the monotonic clock, in seconds.
struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    var seconds: Double { start.duration(to: .now) / .seconds(1) }
    var milliseconds: Double { seconds * 1_000 }
}

extension Double {
    func text(_ places: Int) -> String { String(format: "%.\(places)f", self) }
}

extension Int {
    /// With commas between thousands.
    var text: String {
        var digits = String(self)
        var result = ""
        while digits.count > 3 {
            result = "," + digits.suffix(3) + result
            digits.removeLast(3)
        }
        return digits + result
    }
}

/// Runs a body on threads of its own, for bodies that block, and collects what they answer.
func onThreads<Answer: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: Answer.self) { group in
        for number in 0..<count {
            group.addTask {
                try await withCheckedThrowingContinuation { continuation in
                    Thread { continuation.resume(with: Result { try body(number) }) }.start()
                }
            }
        }
        var answers: [Answer] = []
        for try await answer in group { answers.append(answer) }
        return answers
    }
}
