/// The reason for which a key file is refused, each as one sentence for the operator.
package enum KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case notFound(path: String)
    case alreadyExists(path: String)
    case notARegularFile(path: String)
    case openToOthers(path: String)
    /// The content is not a key file; `reason` is a sentence that names no key.
    case malformed(path: String, reason: String)
    case systemFailure(path: String, action: String, reason: String)

    package var description: String {
        switch self {
        case .notFound(let path):
            "The key file \(path) does not exist."
        case .alreadyExists(let path):
            "The key file \(path) exists already and is not overwritten."
        case .notARegularFile(let path):
            "The key file \(path) is not a regular file."
        case .openToOthers(let path):
            "The key file \(path) is open to its group or to everybody; allow its owner only (chmod 600)."
        case .malformed(let path, let reason):
            "The key file \(path) is damaged: \(reason)"
        case .systemFailure(let path, let action, let reason):
            "The server could not \(action) the key file \(path): \(reason)."
        }
    }
}
