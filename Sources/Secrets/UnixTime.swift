/// A moment: whole seconds since 1 January 1970, UTC.
///
/// Arithmetic stops at the ends instead of trapping, so a wild number out of a row or a request cannot end the
/// process.
package struct UnixTime: Hashable, Comparable, Sendable {
    package var seconds: Int64

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.seconds < rhs.seconds
    }

    package static func + (time: Self, seconds: Int64) -> Self {
        let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
        guard overflow else { return Self(seconds: sum) }
        return Self(seconds: seconds < 0 ? .min : .max)
    }

    package static func - (time: Self, seconds: Int64) -> Self {
        let (difference, overflow) = time.seconds.subtractingReportingOverflow(seconds)
        guard overflow else { return Self(seconds: difference) }
        return Self(seconds: seconds < 0 ? .max : .min)
    }

    /// The seconds from this moment to another; negative if the other one is earlier.
    package func distance(to other: Self) -> Int64 {
        (other - seconds).seconds
    }
}

extension UnixTime: CustomStringConvertible {
    package var description: String { String(seconds) }
}

/// Where a moment comes from. No rule reads a clock itself, so that every rule can be tested at any moment.
package protocol WallClock: Sendable {
    var now: UnixTime { get }
}
