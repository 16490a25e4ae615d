/// What two codes, typed one after the other, say about the device that showed them.
public enum CodePairJudgement: Hashable, Sendable {
    /// The codes are those of two consecutive steps, in order, about now. The later step is used up with them.
    case accepted(lastStep: TimeStep)
    /// The codes are consecutive and in order, but about another time: the secret is right and a clock is wrong.
    /// Positive seconds mean that the device is ahead.
    case clockOff(seconds: Int64)
    /// Anything else.
    case notConsecutive
}

extension TOTPVerifier {
    /// How many steps around the present are searched for a pair from a device with a wrong clock: one hour each way.
    static let clockSearch = TimeStepWindow(past: 120, future: 120)

    /// Judges the pair of codes that proves an authenticator before it is bound.
    ///
    /// Two different codes, of step `k` and of step `k + 1`, are accepted when `k` lies in
    /// ``TimeStepWindow/firstOfPair``. The same code twice is never a pair, not even in the rare case that two
    /// neighbouring steps share it: it would prove only one look at the device.
    ///
    /// A pair found outside that window is reported, never accepted. The search covers 240 pairs, so that a guess
    /// learns from the answer with a probability of about one in four thousand million; being told is worth that.
    ///
    /// - Parameters:
    ///   - first: The code typed first.
    ///   - second: The code typed second.
    ///   - secret: The shared secret, not yet proven.
    ///   - unixSeconds: The verifier's own time, seconds since 1 January 1970, UTC.
    /// - Returns: The judgement.
    public func judgePair(
        first: OneTimeCode,
        second: OneTimeCode,
        secret: OTPSharedSecret,
        at unixSeconds: Int64
    ) -> CodePairJudgement {
        let now = TimeStep(containing: unixSeconds, period: period)
        let firstSteps = pairStarts(first: first, second: second, secret: secret, around: now)
        guard first != second else { return .notConsecutive }

        // Of two fitting pairs the later one counts: it uses up more.
        let window = TimeStepWindow.firstOfPair.steps(around: now)
        if let start = firstSteps.last(where: { window.contains($0) }) {
            return .accepted(lastStep: start.advanced(by: 1))
        }
        // Of several offsets the smallest is the likely one.
        let offsets = firstSteps.map { stepsFromNow(of: $0.advanced(by: 1), now: now) }
        guard let offset = offsets.min(by: { $0.magnitude < $1.magnitude }) else { return .notConsecutive }
        return .clockOff(seconds: offset * period)
    }

    /// Every step in reach whose password is the first code while the next step's is the second, ascending.
    private func pairStarts(
        first: OneTimeCode,
        second: OneTimeCode,
        secret: OTPSharedSecret,
        around now: TimeStep
    ) -> [TimeStep] {
        let starts = Self.clockSearch.steps(around: now)
        // Each password is computed once and serves as the first of one pair and as the second of another.
        let passwords = (starts + starts.suffix(1).map { $0.advanced(by: 1) }).map { password(of: $0, secret: secret) }
        let fitsFirst = passwords.map { $0.matches(first) }
        let fitsSecond = passwords.map { $0.matches(second) }
        return starts.indices.compactMap { fitsFirst[$0] && fitsSecond[$0 + 1] ? starts[$0] : nil }
    }

    /// The signed distance between two steps that are at most a few hundred apart.
    private func stepsFromNow(of step: TimeStep, now: TimeStep) -> Int64 {
        step >= now ? Int64(step.rawValue - now.rawValue) : -Int64(now.rawValue - step.rawValue)
    }
}
