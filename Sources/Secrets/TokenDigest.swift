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

    /// The digest of a value that somebody presents as one of a kind, as four numbers: for a lookup in memory, which
    /// allocates nothing. Nil for what is none by its length or prefix.
    package static func words(of text: String, presentedAs kind: BearerKind) -> SIMD4<UInt64>? {
        guard text.utf8.count == kind.prefix.utf8.count + BearerToken.encodedCount, text.hasPrefix(kind.prefix) else {
            return nil
        }
        var hash = SHA256()
        var text = text
        text.withUTF8 { unsafe hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return unsafe hash.finalize().withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    package init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    /// One digest of two.
    package init(joining first: TokenDigest, _ second: TokenDigest) {
        self.init(of: first.bytes + second.bytes)
    }

    init(of text: [UInt8]) {
        bytes = Array(SHA256.hash(data: text))
    }
}
