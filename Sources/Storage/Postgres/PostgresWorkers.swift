import Accounts
import Dispatch
import Foundation
import Libpq
import Synchronization

/// One transaction to be run, and whom to tell.
struct PostgresJob: Sendable {
    /// Runs it, and returns what tells of the success.
    let run: @Sendable (PostgresConnection) throws -> (@Sendable () -> Void)
    let fail: @Sendable (StoreError) -> Void
    let expiry: ContinuousClock.Instant
    /// Set when it waits, so that it can be found again.
    var number: UInt64 = 0
}

/// At most so many threads, each with a connection of its own, and the short queue before them.
///
/// A connection is opened when nobody with one is free, and opened anew when it broke. While the server cannot be
/// reached at all, jobs fail at once instead of piling up; each half second at the most somebody tries again.
final class PostgresWorkers: Sendable {
    private static let queueLimit = 512
    private static let shortestRest = Duration.milliseconds(50)
    private static let longestRest = Duration.milliseconds(500)

    private struct State {
        var count = 0
        /// Resting threads, the one that worked last at the end.
        var idle: [Worker] = []
        var queue: [PostgresJob] = []
        var nextNumber: UInt64 = 0
        /// Threads with a connection, or about to have one.
        var connected = 0
        var connecting = 0
        var rest = shortestRest
        var nextTry = ContinuousClock.now
        var failure: String?
        var isStopping = false
    }

    /// A thread with at most one connection. Touched by its own thread, but for the slot.
    final class Worker: Sendable {
        let wakeUp = DispatchSemaphore(value: 0)
        let slot: Mutex<PostgresJob?>
        let hasConnection = Atomic(false)

        init(_ first: PostgresJob) {
            slot = Mutex(first)
        }
    }

    private let settings: PostgresSettings
    private let state = Mutex(State())

    init(_ settings: PostgresSettings) {
        self.settings = settings
    }

    /// Why no connection could be opened the last time, for people who run the server.
    var failure: String? { state.withLock(\.failure) }

    // MARK: Handing out

    func submit(_ job: PostgresJob) {
        place(job, isNew: true)
    }

    private enum Place {
        case started
        case given(Worker)
        case queued(UInt64)
        case refused
    }

    private func place(_ job: PostgresJob, isNew: Bool) {
        let place = state.withLock { state -> Place in
            guard !state.isStopping else { return .refused }
            if let worker = Self.takeIdle(&state, connected: true) { return .given(worker) }
            let mayConnect = ContinuousClock.now >= state.nextTry
            if isNew, mayConnect {
                if let worker = Self.takeIdle(&state, connected: false) { return .given(worker) }
                if state.count < settings.connections {
                    state.count += 1
                    start(Worker(job))
                    return .started
                }
            }
            guard state.connected + state.connecting > 0, state.queue.count < Self.queueLimit else { return .refused }
            state.nextNumber += 1
            var waiting = job
            waiting.number = state.nextNumber
            if isNew { state.queue.append(waiting) } else { state.queue.insert(waiting, at: 0) }
            return .queued(waiting.number)
        }
        switch place {
        case .started: break
        case .given(let worker):
            worker.slot.withLock { $0 = job }
            worker.wakeUp.signal()
        case .queued(let number): expire(number, at: job.expiry)
        case .refused: job.fail(.unavailable)
        }
    }

    private static func takeIdle(_ state: inout State, connected: Bool) -> Worker? {
        guard
            let place = state.idle.lastIndex(where: { $0.hasConnection.load(ordering: .relaxed) == connected })
        else { return nil }
        return state.idle.remove(at: place)
    }

    /// Whoever waited too long hears so, even when every thread is stuck.
    private func expire(_ number: UInt64, at expiry: ContinuousClock.Instant) {
        let left = (expiry - .now) / .milliseconds(1)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(max(0, left)))) { [self] in
            let job = state.withLock { state -> PostgresJob? in
                guard let place = state.queue.firstIndex(where: { $0.number == number }) else { return nil }
                return state.queue.remove(at: place)
            }
            job?.fail(.unavailable)
        }
    }

    /// Ends the threads; what still waits is refused.
    func stop() {
        let (idle, queue) = state.withLock { state in
            state.isStopping = true
            defer { (state.idle, state.queue) = ([], []) }
            return (state.idle, state.queue)
        }
        for worker in idle { worker.wakeUp.signal() }
        for job in queue { job.fail(.unavailable) }
    }

    // MARK: A thread

    private func start(_ worker: Worker) {
        let thread = Thread { [self] in run(worker) }
        thread.name = "postgres"
        thread.start()
    }

    private func run(_ worker: Worker) {
        var connection: PostgresConnection?
        while let job = next(worker) {
            work(job, &connection)
            if connection?.isBroken == true { drop(&connection) }
            worker.hasConnection.store(connection != nil, ordering: .relaxed)
        }
        drop(&connection)
    }

    private enum Next {
        case job(PostgresJob)
        case rest
        case end
    }

    /// The next job: from the queue if somebody waits, else whenever it is handed over. Nil ends the thread.
    private func next(_ worker: Worker) -> PostgresJob? {
        // A new thread has its first job already.
        if let job = worker.slot.withLock({ $0.take() }) { return job }
        let next = state.withLock { state -> Next in
            guard !state.isStopping else { return .end }
            let mayTake = worker.hasConnection.load(ordering: .relaxed) || state.connected == 0
            if mayTake, !state.queue.isEmpty { return .job(state.queue.removeFirst()) }
            state.idle.append(worker)
            return .rest
        }
        switch next {
        case .job(let job): return job
        case .end: return nil
        case .rest:
            worker.wakeUp.wait()
            return worker.slot.withLock { $0.take() }
        }
    }

    private func work(_ job: PostgresJob, _ connection: inout PostgresConnection?) {
        guard job.expiry > .now else { return job.fail(.unavailable) }
        if let open = connection, !open.checkRest() { drop(&connection) }
        for attempt in 1...2 {
            guard connection != nil || connect(&connection), let open = connection else { return refuse(job) }
            do {
                return try job.run(open)()
            } catch {
                // Lost before the commit was sent: it did not happen, and may be tried on a new connection.
                guard attempt == 1, open.isBroken, !open.isCommitting, job.expiry > .now else {
                    return job.fail(PostgresErrors.storeError(error))
                }
                drop(&connection)
            }
        }
    }

    private func connect(_ connection: inout PostgresConnection?) -> Bool {
        state.withLock { $0.connecting += 1 }
        do throws(PostgresFailure) {
            connection = try PostgresConnection(settings)
            state.withLock { state in
                state.connecting -= 1
                state.connected += 1
                state.rest = Self.shortestRest
                state.failure = nil
            }
            return true
        } catch {
            state.withLock { state in
                state.connecting -= 1
                state.nextTry = .now + state.rest
                state.rest = min(state.rest * 2, Self.longestRest)
                state.failure = error.message
            }
            return false
        }
    }

    private func drop(_ connection: inout PostgresConnection?) {
        guard connection != nil else { return }
        connection = nil
        state.withLock { $0.connected -= 1 }
    }

    /// Leaves the job to those who have a connection; when nobody has, it and all that wait are refused.
    private func refuse(_ job: PostgresJob) {
        let (hasOthers, queue) = state.withLock { state -> (Bool, [PostgresJob]) in
            guard state.connected == 0 else { return (true, []) }
            guard state.connecting == 0 else { return (false, []) }
            defer { state.queue = [] }
            return (false, state.queue)
        }
        if hasOthers { place(job, isNew: false) } else { job.fail(.unavailable) }
        for waiting in queue { waiting.fail(.unavailable) }
    }
}
