/// The time-based one-time password of RFC 6238.
public enum TOTP {
    /// The password of one time step.
    ///
    /// - Parameters:
    ///   - secret: The shared secret.
    ///   - step: The time step.
    ///   - digits: How many digits to keep.
    ///   - algorithm: The hash under the HMAC.
    /// - Returns: The password, leading zeros included.
    public static func code(
        secret: OTPSharedSecret,
        step: TimeStep,
        digits: OTPDigits = .six,
        algorithm: OTPHashAlgorithm = .sha1
    ) -> OneTimePasswordValue {
        HOTP.code(secret: secret, counter: step.rawValue, digits: digits, algorithm: algorithm)
    }

    /// The password that an authenticator shows at a moment.
    ///
    /// - Parameters:
    ///   - secret: The shared secret.
    ///   - unixSeconds: Seconds since 1 January 1970, UTC.
    ///   - period: The length of a step in seconds, at least 1.
    ///   - digits: How many digits to keep.
    ///   - algorithm: The hash under the HMAC.
    /// - Returns: The password, leading zeros included.
    public static func code(
        secret: OTPSharedSecret,
        at unixSeconds: Int64,
        period: Int64 = TimeStep.defaultPeriod,
        digits: OTPDigits = .six,
        algorithm: OTPHashAlgorithm = .sha1
    ) -> OneTimePasswordValue {
        let step = TimeStep(containing: unixSeconds, period: period)
        return code(secret: secret, step: step, digits: digits, algorithm: algorithm)
    }
}
