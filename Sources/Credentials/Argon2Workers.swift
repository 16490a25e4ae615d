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

    init(count: Int, queueLimit: Int, idleSeconds: Double) {
        precondition(count > 0 && queueLimit >= 0, "Hashing needs a thread.")
        self.count = count
        limit = count + queueLimit
        self.idleSeconds = idleSeconds
    }

    func start() {
        for number in 1...count {
            let thread = Thread { [self] in run() }
            thread.name = "argon2-\(number)"
            thread.start()
        }
    }

    /// Takes a job, or refuses it when too many wait already.
    func submit(_ job: Argon2Job) -> Bool {
        let isTaken = state.withLock { state in
            guard state.unfinished < limit, !state.isStopping else { return false }
            state.unfinished += 1
            state.queue.append(job)
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
        var argon2 = RawArgon2()
        while true {
            // A thread without work gives its memory back after a while, so that a quiet server stays small.
            let deadline: DispatchTime = argon2.holdsMemory ? .now() + idleSeconds : .distantFuture
            guard wakeUps.wait(timeout: deadline) == .success else {
                argon2.releaseMemory()
                continue
            }
            guard let job = state.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) else { return }
            let tag = argon2.tag(
                of: job.password,
                salt: job.salt,
                parameters: job.parameters,
                byteCount: job.tagByteCount
            )
            // Before telling: who hears of the end may submit again at once.
            state.withLock { $0.unfinished -= 1 }
            job.finish(tag)
        }
    }
}
