import Foundation

/// A file that its owner alone may read, from its first byte on. `FileManager` makes it for all and narrows it then.
enum PrivateFile {
    /// Makes an empty file.
    /// - Returns: false when there is something of that name already, a link too, or it cannot be made.
    static func create(_ path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}
