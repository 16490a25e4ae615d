import Dispatch
import Foundation
import Secrets
import Synchronization

/// One computation to be done, and whom to tell.
struct Argon2Job: Sendable {
    let password: Password
    let salt: [UInt8]
    let parameters: Argon2Parameters
    let tagByteCount: Int
    /// Called exactly once, on a worker's thread, with the tag or with nil if it could not be computed.
    let finish: @Sendable ([UInt8]?) -> Void
}

/// A fixed number of threads that do nothing but Argon2, and the short queue before them.
///
/// The threads are the bound on memory and on processor time; the queue is the bound on waiting. They are threads of
/// their own because a task that computes for tens of milliseconds would hold up everybody else's tasks.
final class Argon2Workers: Sendable {
    private struct State {
        var queue: [Argon2Job] = []
        /// Memory that no hash works in, the latest used at the end.
        var free: [(workspace: Workspace, usedAt: DispatchTime)] = []
        /// Jobs queued or being computed.
        var unfinished = 0
        var isStopping = false
    }

    private let state = Mutex(State())
    /// Counts what the workers have to wake up for: each job, and at the end each worker's own end.
    private let wakeUps = DispatchSemaphore(value: 0)
    private let count: Int
    private let limit: Int
    private let idleSeconds: Double
    private let backlog: HashingBacklog

    init(count: Int, queueLimit: Int, idleSeconds: Double, backlog: HashingBacklog) {
        precondition(count > 0 && queueLimit >= 0, "Hashing needs a thread.")
        self.count = count
        limit = count + queueLimit
        self.idleSeconds = idleSeconds
        self.backlog = backlog
    }

    func start() {
        for number in 1...count {
            let thread = Thread { [self] in run() }
            thread.name = "argon2-\(number)"
            thread.start()
        }
    }

    var isFree: Bool {
        state.withLock { $0.unfinished < count }
    }

    /// Takes a job, or refuses it when too many wait already.
    func submit(_ job: Argon2Job) -> Bool {
        let isTaken = state.withLock { state in
            guard state.unfinished < limit, !state.isStopping else { return false }
            state.unfinished += 1
            state.queue.append(job)
            backlog.set(state.queue.count)
            return true
        }
        if isTaken {
            wakeUps.signal()
        }
        return isTaken
    }

    /// Ends the threads once the queue is empty; without this they would live as long as the process.
    func stop() {
        state.withLock { $0.isStopping = true }
        for _ in 1...count {
            wakeUps.signal()
        }
    }

    private func run() {
        while true {
            guard wakeUps.wait(timeout: nextTidying) == .success else {
                wipeMemory()
                releaseIdleMemory()
                continue
            }
            guard let (job, workspace) = next() else { return }
            let tag = workspace.tag(of: job)
            // Before telling: who hears of the end may submit again at once.
            giveBack(workspace)
            job.finish(tag)
        }
    }

    // MARK: Memory

    /// What one hash at a time works in. It belongs to no thread: the next hash takes the one that was used last, part
    /// of which is in the processor's cache still.
    private final class Workspace: Sendable {
        private let argon2 = Mutex(RawArgon2())

        func tag(of job: Argon2Job) -> [UInt8]? {
            argon2.withLock {
                $0.tagBeforeWiping(
                    of: job.password,
                    salt: job.salt,
                    parameters: job.parameters,
                    byteCount: job.tagByteCount
                )
            }
        }

        var isWiped: Bool { argon2.withLock { $0.isWiped } }
        var isClear: Bool { argon2.withLock { $0.isClear } }

        func wipe() {
            argon2.withLock { $0.wipe() }
        }
    }

    /// So long memory waits for the next hash, which overwrites it anyway, before it is wiped.
    private static let wipeSeconds = 0.01

    var holdsMemory: Bool {
        state.withLock { !$0.free.isEmpty }
    }

    var holdsTraces: Bool {
        state.withLock { $0.free.contains { !$0.workspace.isClear } }
    }

    /// Memory without work is wiped, and after a while goes back, so that a quiet server stays small.
    private var nextTidying: DispatchTime {
        state.withLock { state in
            if state.free.isEmpty { return .distantFuture }
            return .now() + (state.free.contains { !$0.workspace.isWiped } ? Self.wipeSeconds : idleSeconds)
        }
    }

    private func next() -> (Argon2Job, Workspace)? {
        state.withLock { state in
            guard !state.queue.isEmpty else { return nil }
            let job = state.queue.removeFirst()
            backlog.set(state.queue.count)
            return (job, state.free.popLast()?.workspace ?? Workspace())
        }
    }

    private func giveBack(_ workspace: Workspace) {
        state.withLock { state in
            state.unfinished -= 1
            state.free.append((workspace, .now()))
        }
    }

    /// Wipes one, then looks for work again: a thread never has more than one in its hands, so that there are never
    /// more of them than threads.
    private func wipeMemory() {
        // Taken away meanwhile, so that no hash begins in what is being wiped.
        let unwiped = state.withLock { state in
            state.free.firstIndex { !$0.workspace.isWiped }.map { state.free.remove(at: $0) }
        }
        guard let free = unwiped else { return }
        free.workspace.wipe()
        state.withLock { state in
            state.free.insert(free, at: state.free.firstIndex { $0.usedAt > free.usedAt } ?? state.free.endIndex)
        }
    }

    private func releaseIdleMemory() {
        let oldest = DispatchTime.now() - idleSeconds
        // Out of the lock: giving memory back takes the kernel a moment.
        let idle = state.withLock { state in
            let idle = state.free.filter { $0.usedAt <= oldest }
            state.free.removeAll { $0.usedAt <= oldest }
            return idle
        }
        withExtendedLifetime(idle) {}
    }
}
