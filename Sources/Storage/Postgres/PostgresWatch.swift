import Dispatch
import Foundation
import Glibc
import Libpq
import Secrets
import Synchronization

/// One connection of its own that hears what other nodes announce and keeps the database's clock.
///
/// It asks the server something every 0.4 s. Whoever listens is told "all" (nil) when nothing was heard for 0.5 s, and
/// again and again until there is an answer, so that nobody relies on what may be over for longer than a second.
package final class PostgresWatch: Sendable {
    private static let beat = Duration.milliseconds(400)
    private static let silence = Duration.milliseconds(500)
    private static let answer = Duration.seconds(4)
    private static let rest = Duration.milliseconds(250)

    let clock = DatabaseClock()
    private let settings: PostgresSettings
    private let wake = Wake()

    private struct State {
        var observer: (@Sendable (String?) -> Void)?
        var lastHeard = ContinuousClock.now
        /// How often somebody asked for the clock to be read, and up to which of them it was.
        var asked: UInt64 = 0
        var answered: UInt64 = 0
        var isRunning = false
        var isStopping = false
    }

    private let state = Mutex(State())

    init(_ settings: PostgresSettings) {
        self.settings = settings
    }

    /// Starts listening; a command that only does its work does not need it.
    ///
    /// - Parameter observer: called on a thread of the watch with each announcement, or nil when some may be lost.
    package func start(_ observer: @escaping @Sendable (String?) -> Void) {
        let isFirst = state.withLock { state in
            guard !state.isRunning else { return false }
            state.isRunning = true
            state.observer = observer
            return true
        }
        guard isFirst else { return }
        clock.onStep { [weak self] in self?.askNow() }
        let thread = Thread { [self] in run() }
        thread.name = "postgres-watch"
        thread.start()
        mind()
    }

    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.observer = nil
        }
        clock.onStep(nil)
        wake.ring()
    }

    /// Minds the silence, also while the thread waits for a server that does not answer.
    private func mind() {
        let (isSilent, isStopping) = state.withLock { ($0.lastHeard + Self.silence < .now, $0.isStopping) }
        guard !isStopping else { return }
        if isSilent { tell(nil) }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(400)) { [self] in mind() }
    }

    private func tell(_ text: String?) {
        state.withLock(\.observer)?(text)
    }

    /// Has the clock read at once, and waits for it, a second at the most.
    private func askNow() {
        let number = state.withLock { state in
            state.asked += 1
            return state.asked
        }
        wake.ring()
        let deadline = ContinuousClock.now + .seconds(1)
        // A look each half millisecond: it takes about one, and happens when somebody sets the clock.
        while state.withLock({ $0.answered < number }), .now < deadline { usleep(500) }
    }

    // MARK: The thread

    private var isStopping: Bool { state.withLock(\.isStopping) }

    private func run() {
        while !isStopping {
            do throws(PostgresFailure) {
                try listen()
            } catch {
                // `mind` tells the observer; here is only waited for the server to come back.
                state.withLock { $0.answered = $0.asked }
                wake.wait(Self.rest)
            }
        }
    }

    private func listen() throws(PostgresFailure) {
        let link = try PostgresLink(PostgresSettings.options(settings.listenAddress ?? settings.address))
        let isListening = settings.listenAddress != nil
        if isListening { try link.run("LISTEN \(PostgresConnection.channel)", until: .now + Self.answer) }
        // What was announced before is not heard any more.
        tell(nil)
        while !isStopping {
            try readClock(link, hears: isListening)
            guard try link.waitForInput(orOn: wake.readEnd, until: .now + Self.beat) else { continue }
            wake.silence()
            for payload in link.notifications() { tell(payload) }
        }
    }

    private func readClock(_ link: PostgresLink, hears: Bool) throws(PostgresFailure) {
        // Who asks while it is being read waits for the next time.
        let asked = state.withLock(\.asked)
        defer { state.withLock { $0.answered = asked } }
        let reading = clock.beginReading()
        let answer = try link.query("SELECT \(DatabaseClock.expression)", [], until: .now + Self.answer)
        guard case .integer(let database) = answer.value(0, 0) else { return }
        clock.take(reading, database: database)
        for payload in link.notifications() { tell(payload) }
        // Without LISTEN nothing is ever heard: the age alone counts.
        if hears { state.withLock { $0.lastHeard = .now } }
    }
}

/// A pipe that ends a wait on a descriptor.
private final class Wake: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { ends = [-1, -1] }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func ring() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }

    func wait(_ duration: Duration) {
        var watched = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        _ = poll(&watched, 1, Int32(duration / .milliseconds(1)))
        silence()
    }
}
