import Crypto

/// The HMAC-based one-time password of RFC 4226.
public enum HOTP {
    /// The password for one value of the counter (RFC 4226 section 5.3).
    ///
    /// - Parameters:
    ///   - secret: The shared secret `K`.
    ///   - counter: The moving factor `C`.
    ///   - digits: How many digits to keep.
    ///   - algorithm: The hash under the HMAC; RFC 4226 itself knows SHA-1 only.
    /// - Returns: The password, leading zeros included.
    public static func code(
        secret: OTPSharedSecret,
        counter: UInt64,
        digits: OTPDigits = .six,
        algorithm: OTPHashAlgorithm = .sha1
    ) -> OneTimePasswordValue {
        let number =
            switch algorithm {
            case .sha1: truncatedMAC(Insecure.SHA1.self, secret: secret, counter: counter)
            case .sha256: truncatedMAC(SHA256.self, secret: secret, counter: counter)
            case .sha512: truncatedMAC(SHA512.self, secret: secret, counter: counter)
            }
        return OneTimePasswordValue(truncating: number, to: digits)
    }

    /// The 31 bits that "dynamic truncation" takes out of the MAC.
    private static func truncatedMAC<Hash: HashFunction>(
        _ hash: Hash.Type,
        secret: OTPSharedSecret,
        counter: UInt64
    ) -> UInt32 {
        let mac = Array(HMAC<Hash>.authenticationCode(for: bigEndianBytes(of: counter), using: secret.key))
        // The low four bits of the last byte say where the four bytes start: 0 to 15, inside even 20 bytes.
        let offset = Int(mac[mac.count - 1] & 0x0F)
        let word = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // The sign bit goes, because implementations disagree on what a negative remainder is.
        return word & 0x7FFF_FFFF
    }

    private static func bigEndianBytes(of counter: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: counter >> UInt64($0)) }
    }
}
