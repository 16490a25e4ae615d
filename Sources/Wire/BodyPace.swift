/// How fast a body has to come: so much in each interval, and all of it within so many.
struct BodyPace: Sendable {
    static let intervalSeconds: Int64 = 5
    /// A body of the size of most forms is there at once; a slow line still brings ten times as much.
    static let leastBytes = 1_024
    static let intervals = 6

    private var bytes = 0
    private var passed = 0

    mutating func add(_ count: Int) { bytes += count }

    /// At the end of each interval: whether the body may go on.
    mutating func endInterval() -> Bool {
        passed += 1
        defer { bytes = 0 }
        return passed < Self.intervals && bytes >= Self.leastBytes
    }
}
