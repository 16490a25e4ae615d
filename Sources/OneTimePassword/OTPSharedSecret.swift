import Crypto

/// The key that an authenticator and the verifier share, `K` in RFC 4226.
///
/// It prints and reflects as a placeholder, so that a log line cannot carry it; reading ``bytes`` or ``base32`` is
/// always on purpose.
public struct OTPSharedSecret: Sendable {
    /// The reason for which bytes or a text are refused as a secret.
    public enum ValidationError: Error, Equatable, Sendable {
        /// Fewer bytes than RFC 4226 section 4, R6, demands. An empty secret is the worst case: anybody knows its codes.
        case tooShort
        /// A text that is not Base32 in its one accepted spelling.
        case notBase32(Base32.DecodingError)
    }

    /// The least length, 128 bits (RFC 4226 section 4, R6).
    public static let minimumByteCount = 16

    /// The length to make new secrets with, 160 bits (RFC 4226 section 4, R6).
    public static let recommendedByteCount = 20

    // A `SymmetricKey` rather than an array: its storage is overwritten when the last copy goes.
    let key: SymmetricKey

    /// Takes over the bytes of a secret.
    ///
    /// - Parameter bytes: At least ``minimumByteCount`` bytes from a cryptographic source of randomness.
    /// - Throws: `ValidationError.tooShort`.
    public init(bytes: [UInt8]) throws(ValidationError) {
        guard bytes.count >= Self.minimumByteCount else { throw .tooShort }
        key = SymmetricKey(data: bytes)
    }

    /// Reads a secret as a person or a key URI spells it.
    ///
    /// - Parameter text: Base32, upper case, without padding or blanks.
    /// - Throws: `ValidationError`.
    public init(base32 text: String) throws(ValidationError) {
        let bytes: [UInt8]
        do throws(Base32.DecodingError) {
            bytes = try Base32.decode(text)
        } catch {
            throw .notBase32(error)
        }
        try self.init(bytes: bytes)
    }

    /// The secret itself.
    public var bytes: [UInt8] {
        unsafe key.withUnsafeBytes { unsafe Array($0) }
    }

    /// The secret in upper case Base32 without padding, as key URIs carry it.
    public var base32: String {
        Base32.encode(bytes)
    }

    /// ``base32`` in groups of four with plain spaces between, for people who type it.
    public var grouped: String {
        var text = ""
        for (index, character) in base32.enumerated() {
            if index > 0, index.isMultiple(of: 4) {
                text.append(" ")
            }
            text.append(character)
        }
        return text
    }
}

extension OTPSharedSecret: Equatable {
    /// Whether two secrets have the same bytes; the time taken does not depend on where they differ.
    ///
    /// - Parameters:
    ///   - lhs: A secret.
    ///   - rhs: Another secret.
    /// - Returns: `true` if they are the same key.
    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.key == rhs.key
    }
}

extension OTPSharedSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder, never the secret.
    public var description: String { "OTPSharedSecret(redacted)" }

    /// A placeholder, never the secret.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
