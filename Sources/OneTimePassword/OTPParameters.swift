/// The hash function under the HMAC of a one-time password.
///
/// Only ``sha1`` is understood by every authenticator app; several apps ignore the parameter and compute with SHA-1.
/// What is known to be weak in SHA-1, collisions, does not touch HMAC.
public enum OTPHashAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// HMAC-SHA-1, the default of RFC 4226 and RFC 6238.
    case sha1 = "SHA1"
    /// HMAC-SHA-256.
    case sha256 = "SHA256"
    /// HMAC-SHA-512.
    case sha512 = "SHA512"
}

/// How many digits a one-time password has; RFC 4226 section 5.3 asks for at least six.
///
/// A closed set, so that no stored or received number can ask for none, or for more than the 31 bits carry.
public enum OTPDigits: Int, CaseIterable, Hashable, Sendable {
    /// Six digits, what people know and every app shows.
    case six = 6
    /// Seven digits.
    case seven = 7
    /// Eight digits.
    case eight = 8
}
