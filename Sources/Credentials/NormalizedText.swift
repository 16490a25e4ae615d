import Foundation

/// The one form of texts that look the same.
package enum NormalizedText {
    /// The text in Unicode's normalisation form C: two keyboards may spell one letter in two ways, and a login or a
    /// password must be the same from both.
    package static func nfc(_ text: String) -> String {
        // ASCII has one form only.
        text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    }
}
