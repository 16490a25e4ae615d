import Accounts
import Dispatch
import Foundation
import GRDB
import Secrets
import Synchronization

/// Lets writers that wait at the same time share one commit, and so one fsync.
///
/// Nobody hears "done" before the commit that holds their write is on the disk. A job that fails undoes itself alone.
/// Cancelling a caller does not undo its write. While password hashes wait for a processor, the queue lets a few more
/// writers come before it commits: whoever signs in waits for a hash then, not for the disk, and each commit saved is
/// time for a hash.
final class WriteQueue: Sendable {
    /// Runs, perhaps twice, and returns what to do once the commit has succeeded (nil) or failed.
    typealias Job = @Sendable (SQLiteConnection) throws -> (@Sendable (StoreError?) -> Void)

    private struct Waiting: Sendable {
        let job: Job
        let fail: @Sendable (StoreError) -> Void
    }

    /// So many at the most in one transaction, so that the first of a long queue does not wait for the last.
    private static let batchLimit = 64
    /// How long the first of a batch waits for others: less than one hash.
    private static let patience = Duration.milliseconds(16)
    /// So many hashes must wait that none is late because of it: for each processor the next one.
    private static let backlogForPatience = max(2, ProcessInfo.processInfo.activeProcessorCount)

    private let pool: DatabasePool
    private let backlog: HashingBacklog
    private let queue = DispatchQueue(label: "countersign.writes")
    private let waiting = Mutex<[Waiting]>([])

    init(pool: DatabasePool, backlog: HashingBacklog) {
        self.pool = pool
        self.backlog = backlog
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
            waitForCompany()
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

    private func waitForCompany() {
        guard backlog.count >= Self.backlogForPatience, waiting.withLock({ $0.count < Self.batchLimit }) else { return }
        Thread.sleep(forTimeInterval: Self.patience / .seconds(1))
    }

    // MARK: One commit

    private func commit(_ batch: [Waiting]) {
        do {
            // Most batches have no job that fails, and no need of a savepoint for each, with the copies of pages that
            // SQLite makes for one.
            for finish in try commitTogether(batch) { finish(nil) }
        } catch {
            if batch.count == 1 {
                batch[0].fail(SQLiteErrors.storeError(error))
            } else {
                commitApart(batch)
            }
        }
    }

    /// All of them or none.
    private func commitTogether(_ batch: [Waiting]) throws -> [@Sendable (StoreError?) -> Void] {
        try pool.writeWithoutTransaction { database in
            try SQLiteConnection(database: database).transaction { connection in
                try batch.map { try $0.job(connection) }
            }
        }
    }

    /// Each in a savepoint, so that those which fail undo themselves alone.
    private func commitApart(_ batch: [Waiting]) {
        var finished: [@Sendable (StoreError?) -> Void] = []
        var failed: [(Waiting, StoreError)] = []
        do {
            try pool.writeWithoutTransaction { database in
                try SQLiteConnection(database: database).transaction { connection in
                    for waiting in batch {
                        do {
                            finished.append(try Self.run(waiting.job, connection))
                        } catch {
                            failed.append((waiting, SQLiteErrors.storeError(error)))
                        }
                    }
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

    private static func run(
        _ job: Job,
        _ connection: SQLiteConnection
    ) throws -> (@Sendable (StoreError?) -> Void) {
        // A neighbour may have met an error with which SQLite undid the whole transaction; a savepoint would begin
        // another one.
        guard connection.database.isInsideTransaction else { throw StoreError.unavailable }
        try connection.execute("SAVEPOINT job", [])
        do {
            let finish = try job(connection)
            try connection.execute("RELEASE job", [])
            return finish
        } catch {
            if connection.database.isInsideTransaction {
                try connection.execute("ROLLBACK TO job", [])
                try connection.execute("RELEASE job", [])
            }
            throw error
        }
    }
}
