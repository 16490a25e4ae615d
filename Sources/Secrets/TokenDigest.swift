import Crypto

/// The SHA-256 of a bearer value: all that the database ever holds of it, and what it is looked up by.
///
/// A lookup by digest needs no comparison in constant time: whoever learns part of a digest is no nearer to the value.
package struct TokenDigest: Hashable, Sendable {
    package static let byteCount = 32

    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(of text: [UInt8]) {
        bytes = Array(SHA256.hash(data: text))
    }
}
