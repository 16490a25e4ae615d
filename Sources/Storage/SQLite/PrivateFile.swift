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

    /// Whether there is something of that name, be it a link that leads nowhere.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Takes what others may do with a file away while nothing stands in it.
    /// - Returns: false when it is another user's.
    static func narrowWhenEmpty(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        // A link that leads to a file, which its owner has made so; or nothing that may be read, of which SQLite tells.
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
            return true
        }
        return status.st_uid == geteuid() && fchmod(descriptor, 0o600) == 0
    }

    enum Making: Equatable {
        case made
        /// There is something of that name already.
        case taken
        case impossible
    }

    /// Has a file made in a folder that nobody else may enter, and gives it its name when it is whole: what others have
    /// put beside that name has no part in it.
    static func make(_ path: String, _ body: (String) throws -> Void) throws -> Making {
        guard !exists(path) else { return .taken }
        let folder = "\(path).part-\(UUID().uuidString)"
        guard mkdir(folder, 0o700) == 0 else { return .impossible }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let part = folder + "/whole"
        guard create(part) else { return .impossible }
        try body(part)
        if link(part, path) == 0 { return .made }
        guard !exists(path) else { return .taken }
        // A file system without links, such as a stick's.
        return rename(part, path) == 0 ? .made : .impossible
    }
}
