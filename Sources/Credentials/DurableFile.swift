import Foundation

/// A call to the system that failed.
struct SystemFailure: Error {
    let action: String
    let code: Int32

    init(_ action: String) {
        self.action = action
        code = errno
    }

    var reason: String {
        unsafe String(cString: strerror(code))
    }
}

/// Small files for their owner only, written so that after a crash there is the old content, or the new, or no file.
enum DurableFile {
    struct Content {
        let bytes: [UInt8]
        let isRegular: Bool
        let isOpenToOthers: Bool
    }

    /// The bytes of a file, up to a limit, and who may read it. Mode and content are those of one and the same file,
    /// even if it is replaced meanwhile. A file that is open to others, or that is no file, is not read.
    static func read(_ path: String, limit: Int) throws(SystemFailure) -> Content {
        // Non-blocking, so that a pipe by that name does not hold up the start.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFailure("open") }
        defer { close(descriptor) }

        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemFailure("examine") }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        let isOpenToOthers = status.st_mode & 0o077 != 0
        guard isRegular, !isOpenToOthers else {
            return Content(bytes: [], isRegular: isRegular, isOpenToOthers: isOpenToOthers)
        }

        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return unsafe Foundation.read(descriptor, rest.baseAddress, rest.count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw SystemFailure("read") }
            if more == 0 { break }
            count += more
        }
        return Content(bytes: Array(bytes.prefix(count)), isRegular: true, isOpenToOthers: false)
    }

    /// Makes a file of mode 0600 that must not exist yet.
    static func create(_ path: String, _ bytes: [UInt8], suffix: String) throws(SystemFailure) {
        let draft = path + suffix
        try write(bytes, toNew: draft)
        // Unlike `rename`, `link` fails if somebody else was faster; and unlike writing in place it never leaves half
        // a file behind.
        let isLinked = unsafe link(draft, path) == 0
        let failure = SystemFailure("create")
        unsafe unlink(draft)
        guard isLinked else { throw failure }
        try syncDirectory(of: path)
    }

    /// Puts new content in the place of a file.
    static func replace(_ path: String, _ bytes: [UInt8], suffix: String) throws(SystemFailure) {
        let draft = path + suffix
        try write(bytes, toNew: draft)
        guard unsafe rename(draft, path) == 0 else {
            let failure = SystemFailure("replace")
            unsafe unlink(draft)
            throw failure
        }
        try syncDirectory(of: path)
    }

    private static func write(_ bytes: [UInt8], toNew path: String) throws(SystemFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFailure("create") }
        defer { close(descriptor) }
        do throws(SystemFailure) {
            try writeAll(bytes, to: descriptor)
            guard fsync(descriptor) == 0 else { throw SystemFailure("sync") }
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Foundation.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure("write") }
            rest = rest.dropFirst(count)
        }
    }

    /// A new name lasts only when its directory is on the disk.
    private static func syncDirectory(of path: String) throws(SystemFailure) {
        let directory =
            switch path.lastIndex(of: "/") {
            case nil: "."
            case path.startIndex: "/"
            case let slash?: String(path[..<slash])
            }
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure("open the directory of") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemFailure("sync the directory of") }
    }
}
