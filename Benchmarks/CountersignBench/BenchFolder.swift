import Foundation

/// Where the database, its keys and the server's log lie during a run.
struct BenchFolder: Sendable {
    let path: String
    var database: String { path + "/countersign.sqlite" }
    var keyFile: String { path + "/keys.json" }
    var log: String { path + "/server.log" }

    /// An empty folder; what an earlier run left there goes.
    init(_ path: String) throws {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        try? FileManager.default.removeItem(at: url)
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        self.path = url.path
    }

    /// The log stays when something went wrong.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The last lines of the server's log.
    var logTail: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    /// What one fsync costs here, in milliseconds: the median of 4 KiB written and synchronised again and again.
    func fsyncMilliseconds() throws -> Double {
        let name = path + "/fsync"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("\(name) cannot be written.") }
        defer {
            close(descriptor)
            unlink(name)
        }
        let page = [UInt8](repeating: 0x5A, count: 4_096)
        return Samples(
            try (0..<300).map { number in
                let watch = Stopwatch()
                guard pwrite(descriptor, page, page.count, off_t(number * page.count)) == page.count,
                    fsync(descriptor) == 0
                else { throw BenchError("\(name) cannot be synchronised.") }
                return watch.milliseconds
            }
        ).median
    }
}
