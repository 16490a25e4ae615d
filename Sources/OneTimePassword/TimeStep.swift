/// One step of the clock, `T` in RFC 6238: how many whole periods have passed since 1 January 1970.
///
/// A type of its own, so that a step is never taken for seconds. It is 64 bits wide and its arithmetic stops at the
/// ends, so no clock reading and no stored value can make it overflow.
public struct TimeStep: RawRepresentable, Hashable, Comparable, Sendable {
    /// The length of a step in seconds that every authenticator app uses, `X` in RFC 6238.
    public static let defaultPeriod: Int64 = 30

    /// The number of the step.
    public let rawValue: UInt64

    /// A step by its number.
    ///
    /// - Parameter rawValue: The number of the step.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The step in which a moment lies; moments before 1970 count as step 0.
    ///
    /// - Parameters:
    ///   - unixSeconds: Seconds since 1 January 1970, UTC.
    ///   - period: The length of a step in seconds, at least 1.
    public init(containing unixSeconds: Int64, period: Int64 = Self.defaultPeriod) {
        precondition(period > 0, "A time step is at least one second long.")
        rawValue = UInt64(max(unixSeconds, 0) / period)
    }

    /// The step some steps later, or earlier for a negative count; it stops at the first and at the last step.
    ///
    /// - Parameter steps: How many steps to go.
    /// - Returns: The step there.
    public func advanced(by steps: Int64) -> TimeStep {
        let (value, overflow) =
            steps < 0
            ? rawValue.subtractingReportingOverflow(steps.magnitude)
            : rawValue.addingReportingOverflow(steps.magnitude)
        guard overflow else { return TimeStep(rawValue: value) }
        return TimeStep(rawValue: steps < 0 ? .min : .max)
    }

    /// Whether a step comes before another.
    ///
    /// - Parameters:
    ///   - lhs: A step.
    ///   - rhs: Another step.
    /// - Returns: `true` if `lhs` is the earlier one.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

/// How far around the present a code may lie, in steps.
public struct TimeStepWindow: Hashable, Sendable {
    /// How many steps before the present one are accepted.
    public let past: UInt8

    /// How many steps after the present one are accepted.
    public let future: UInt8

    /// A window.
    ///
    /// - Parameters:
    ///   - past: Steps before the present one.
    ///   - future: Steps after the present one.
    public init(past: UInt8, future: UInt8) {
        self.past = past
        self.future = future
    }

    /// What a sign-in accepts: the present step and one to either side (RFC 6238 section 5.2).
    public static let signIn = TimeStepWindow(past: 1, future: 1)

    /// Where the first code of a pair may lie, so that (previous, current) and (current, next) both fit, and a person
    /// who typed slowly too.
    public static let firstOfPair = TimeStepWindow(past: 2, future: 1)

    /// The steps around a moment's step, in ascending order and none twice, cut off at the ends.
    func steps(around now: TimeStep) -> [TimeStep] {
        let first = now.advanced(by: -Int64(past)).rawValue
        let last = now.advanced(by: Int64(future)).rawValue
        return (first...last).map(TimeStep.init(rawValue:))
    }
}
