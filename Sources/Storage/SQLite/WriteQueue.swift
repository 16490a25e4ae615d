import Accounts
import Dispatch
import GRDB
import Synchronization

/// Lets writers that wait at the same time share one commit, and so one fsync.
///
/// Each job runs in a savepoint of its own: one that fails undoes itself alone. Nobody hears "done" before the commit
/// that holds their write is on the disk. Cancelling a caller does not undo its write.
final class WriteQueue: Sendable {
    /// Runs, and returns what to do once the commit has succeeded (nil) or failed.
    typealias Job = @Sendable (SQLiteConnection) throws -> (@Sendable (StoreError?) -> Void)

    private struct Waiting: Sendable {
        let job: Job
        let fail: @Sendable (StoreError) -> Void
    }

    /// So many at the most in one transaction, so that the first of a long queue does not wait for the last.
    private static let batchLimit = 64

    private let pool: DatabasePool
    private let queue = DispatchQueue(label: "countersign.writes", qos: .userInitiated)
    private let waiting = Mutex<[Waiting]>([])

    init(pool: DatabasePool) {
        self.pool = pool
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (SQLiteConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Waiting(
                    job: { connection in
                        let value = try body(connection)
                        return { failure in
                            if let failure {
                                continuation.resume(throwing: failure)
                            } else {
                                continuation.resume(returning: value)
                            }
                        }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func enqueue(_ job: Waiting) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(job)
            return waiting.count == 1
        }
        if isFirst { queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let batch = waiting.withLock { Array($0.prefix(Self.batchLimit)) }
            if batch.isEmpty { return }
            commit(batch)
            // Taken out only now: whoever arrives meanwhile finds the queue busy and does not start a second drain.
            let isEmpty = waiting.withLock { waiting in
                waiting.removeFirst(batch.count)
                return waiting.isEmpty
            }
            if isEmpty { return }
        }
    }

    /// A job alone needs no savepoint, and none of the copies of pages that SQLite makes for one: when it fails, the
    /// whole transaction is undone.
    private static func run(
        _ job: Job,
        _ database: GRDB.Database,
        isAlone: Bool
    ) throws -> (@Sendable (StoreError?) -> Void) {
        let connection = SQLiteConnection(database: database)
        guard !isAlone else { return try job(connection) }
        var finish: (@Sendable (StoreError?) -> Void)?
        try database.inSavepoint {
            finish = try job(connection)
            return .commit
        }
        guard let finish else { throw StoreError.corrupt("a job without an answer") }
        return finish
    }

    private func commit(_ batch: [Waiting]) {
        var finished: [@Sendable (StoreError?) -> Void] = []
        var failed: [(Waiting, StoreError)] = []
        do {
            try pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for waiting in batch {
                        do {
                            finished.append(try Self.run(waiting.job, database, isAlone: batch.count == 1))
                        } catch {
                            failed.append((waiting, SQLiteErrors.storeError(error)))
                        }
                    }
                    return finished.isEmpty ? .rollback : .commit
                }
            }
            for finish in finished { finish(nil) }
            for (waiting, error) in failed { waiting.fail(error) }
        } catch {
            let error = SQLiteErrors.storeError(error)
            for finish in finished { finish(error) }
            for (waiting, error) in failed { waiting.fail(error) }
            // Whoever did not get a turn before the transaction broke down.
            for waiting in batch.dropFirst(finished.count + failed.count) { waiting.fail(error) }
        }
    }
}
