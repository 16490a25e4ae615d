import Crypto

/// A password as somebody typed it.
///
/// Normalising and length rules belong to whoever made the text; here it is bytes. They cannot be read as text again,
/// and two passwords cannot be compared: there is nothing to do with one but hash it or verify it.
///
/// Wiping is best effort: the form that the password came in, and the string it was parsed to, are not ours to wipe.
package struct Password: Sendable {
    // Not that a password is a key, but this storage is overwritten when the last copy goes.
    private let storage: SymmetricKey

    package init(utf8 text: String) {
        storage = SymmetricKey(data: Array(text.utf8))
    }

    package var byteCount: Int { storage.bitCount / 8 }

    /// Lends the bytes to the hash function.
    package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try unsafe storage.withUnsafeBytes { buffer in
            try body(unsafe Span(_unsafeBytes: buffer))
        }
    }
}

extension Password: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Password(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
