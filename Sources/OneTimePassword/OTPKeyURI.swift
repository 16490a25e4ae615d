/// The `otpauth://` address that a QR code carries to an authenticator app.
///
/// The names in it are chosen by people. They can neither end their part of the address nor add parameters to it:
/// everything outside the unreserved characters of RFC 3986 is percent-encoded, and a colon, which would end the
/// issuer in the label, is replaced before.
///
/// The parameters are always SHA-1, six digits and 30 seconds, since apps that know no others ignore them silently.
public struct OTPKeyURI: Sendable {
    /// The name of the service, the same in the label and in the `issuer` parameter.
    public let issuer: String

    /// The name of the person's account at the service.
    public let accountName: String

    private let secret: OTPSharedSecret

    /// A key URI.
    ///
    /// - Parameters:
    ///   - issuer: The name of the service; colons in it become hyphens.
    ///   - accountName: The name of the person's account there; colons in it become hyphens.
    ///   - secret: The shared secret.
    public init(issuer: String, accountName: String, secret: OTPSharedSecret) {
        self.issuer = Self.withoutColons(issuer)
        self.accountName = Self.withoutColons(accountName)
        self.secret = secret
    }

    /// The address as text, which contains the secret.
    public var string: String {
        let issuer = Self.percentEncoded(issuer)
        let label = issuer + ":" + Self.percentEncoded(accountName)
        return "otpauth://totp/\(label)?secret=\(secret.base32)&issuer=\(issuer)&algorithm=SHA1&digits=6&period=30"
    }

    /// Neither part of a label may contain a colon, not even an encoded one: apps decode before they split.
    private static func withoutColons(_ name: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            scalars.append(scalar == ":" ? "-" : scalar)
        }
        return String(scalars)
    }

    private static func percentEncoded(_ name: String) -> String {
        let hexDigits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in name.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Whether RFC 3986 section 2.3 leaves a byte as it is.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}

extension OTPKeyURI: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder, never the address, which contains the secret.
    public var description: String { "OTPKeyURI(redacted)" }

    /// A placeholder, never the address, which contains the secret.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
