import Foundation
import Synchronization

/// A `countersign serve` of our own on loopback.
final class ServerProcess: Sendable {
    let pid: pid_t
    let port: UInt16
    private let sinceExec: Stopwatch
    private let hasEnded = Mutex(false)

    /// Those that still run, for the watchdog.
    private static let running = Mutex<Set<pid_t>>([])

    /// Starts the program on a seeded folder. Its environment is made here, so that no setting of the caller's counts.
    init(_ program: String, _ folder: BenchFolder) throws {
        port = try Loopback.freePort()
        let environment = [
            "HOME": folder.path, "PATH": "/usr/bin:/bin", "COUNTERSIGN_LISTEN": "127.0.0.1:\(port)",
            "COUNTERSIGN_DATABASE": "sqlite:\(folder.database)", "COUNTERSIGN_KEY_FILE": folder.keyFile,
            "COUNTERSIGN_PUBLIC_URL": "http://127.0.0.1:\(port)",
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        let arguments = Self.cStrings([program, "serve"])
        let variables = Self.cStrings(environment.map { "\($0.key)=\($0.value)" })
        defer { for pointer in arguments + variables { free(pointer) } }
        var pid: pid_t = 0
        sinceExec = Stopwatch()
        let status = posix_spawn(&pid, program, &actions, nil, arguments, variables)
        guard status == 0 else {
            throw BenchError("\(program) cannot be started: \(String(cString: strerror(status))).")
        }
        self.pid = pid
        _ = Self.running.withLock { $0.insert(pid) }
    }

    /// Copies with a null at the end, as C wants a program's arguments; for the caller to free.
    private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var pointers: [UnsafeMutablePointer<CChar>?] = []
        for text in texts { pointers.append(strdup(text)) }
        return pointers + [nil]
    }

    /// - Returns: Milliseconds from exec to the first 200 of `/readyz`.
    func waitUntilReady(seconds limit: Double = 20) throws -> Double {
        while sinceExec.seconds < limit {
            if let connection = HTTPConnection(port: port), try connection.get("/readyz").status == 200 {
                return sinceExec.milliseconds
            }
            guard !hasExited() else { throw BenchError("The server ended by itself at its start; see its log.") }
            usleep(200)
        }
        throw BenchError("The server was not ready after \(limit.text(0)) s; see its log.")
    }

    /// Asks it to stop, and makes it stop when it does not.
    func stop() {
        kill(pid, SIGTERM)
        let waited = Stopwatch()
        while !hasExited() {
            if waited.seconds > 10 { kill(pid, SIGKILL) }
            usleep(5_000)
        }
    }

    private func hasExited() -> Bool {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return true }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) != 0 else { return false }
            hasEnded = true
            _ = Self.running.withLock { $0.remove(pid) }
            return true
        }
    }

    /// Ends the run, servers included, when it takes longer than it should.
    static func watch(seconds: Double) {
        Thread {
            Thread.sleep(forTimeInterval: seconds)
            progress("not done after \(seconds.text(0)) s; giving up")
            let left = running.withLock { $0 }
            for pid in left { kill(pid, SIGKILL) }
            exit(1)
        }.start()
    }

    // MARK: What the kernel knows of it

    /// Resident memory now, in MiB.
    var residentMiB: Double { status("VmRSS:") / 1_024 }
    /// The most that was ever resident, in MiB.
    var peakMiB: Double { status("VmHWM:") / 1_024 }

    private func status(_ name: String) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0
    }

    /// Processor time so far, in seconds.
    var cpuSeconds: Double {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        // The name before the parenthesis may hold blanks; utime and stime are the 14th and 15th field.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
