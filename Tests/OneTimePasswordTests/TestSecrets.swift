import OneTimePassword

/// The secrets of the RFCs, whose examples repeat the ten digits to the length of the hash.
enum TestSecrets {
    static func digits(_ count: Int) throws -> OTPSharedSecret {
        try OTPSharedSecret(bytes: (1...count).map { UInt8(ascii: "0") + UInt8($0 % 10) })
    }

    static var rfc4226: OTPSharedSecret {
        get throws { try digits(20) }
    }
}

extension OneTimeCode {
    /// The code that an authenticator shows in a step.
    init(of secret: OTPSharedSecret, step: UInt64) throws {
        let text = TOTP.code(secret: secret, step: TimeStep(rawValue: step)).text
        guard let code = OneTimeCode(text) else { throw NotACode() }
        self = code
    }

    private struct NotACode: Error {}
}
