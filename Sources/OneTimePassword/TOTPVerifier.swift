/// Judges typed codes against a shared secret.
///
/// It only computes: it knows no clock, keeps nothing, and does not know which steps were accepted before. A step that
/// it names may be accepted only if it is later than the last one accepted for that secret (RFC 6238 section 5.2),
/// and only the store can decide that once for all.
public struct TOTPVerifier: Hashable, Sendable {
    /// The hash under the HMAC.
    public let algorithm: OTPHashAlgorithm

    /// The length of a step in seconds.
    public let period: Int64

    /// A verifier of six-digit codes.
    ///
    /// - Parameters:
    ///   - algorithm: The hash under the HMAC.
    ///   - period: The length of a step in seconds, from one second to one day.
    public init(algorithm: OTPHashAlgorithm = .sha1, period: Int64 = TimeStep.defaultPeriod) {
        precondition((1...86_400).contains(period), "A time step lasts from one second to one day.")
        self.algorithm = algorithm
        self.period = period
    }

    /// Every step of a window whose password is the typed code, in ascending order.
    ///
    /// Two steps may share a code by chance. If one of them was used before, the other is still good, so the caller
    /// gets all of them. Every candidate is computed and compared, whether or not one fitted already.
    ///
    /// - Parameters:
    ///   - code: What was typed.
    ///   - secret: The shared secret.
    ///   - unixSeconds: The verifier's own time, seconds since 1 January 1970, UTC.
    ///   - window: How far around that moment to look.
    /// - Returns: The fitting steps; none if the code is wrong.
    public func matchingSteps(
        for code: OneTimeCode,
        secret: OTPSharedSecret,
        at unixSeconds: Int64,
        window: TimeStepWindow = .signIn
    ) -> [TimeStep] {
        let steps = window.steps(around: TimeStep(containing: unixSeconds, period: period))
        let verdicts = steps.map { password(of: $0, secret: secret).matches(code) }
        return zip(steps, verdicts).compactMap { step, fits in fits ? step : nil }
    }

    /// The password of a step under this verifier's parameters.
    func password(of step: TimeStep, secret: OTPSharedSecret) -> OneTimePasswordValue {
        TOTP.code(secret: secret, step: step, digits: .six, algorithm: algorithm)
    }
}
