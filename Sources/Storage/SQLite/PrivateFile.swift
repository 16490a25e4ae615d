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

    /// Has a file made in a folder that nobody else may enter, and gives it its name when it is whole: what others have
    /// put beside that name has no part in it.
    /// - Returns: false when there is something of that name already.
    static func make<Failure: Error>(_ path: String, _ body: (String) throws(Failure) -> Void) throws -> Bool {
        var template = Array("\(path).part-XXXXXX".utf8CString)
        guard !exists(path) else { return false }
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let part = folder + "/whole"
        guard create(part) else { throw CocoaError(.fileWriteUnknown) }
        try body(part)
        if link(part, path) == 0 { return true }
        guard !exists(path) else { return false }
        // A file system without links, such as a stick's.
        guard rename(part, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return true
    }
}
