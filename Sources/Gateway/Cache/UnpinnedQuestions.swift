package import Secrets
import Synchronization

/// The applications about which a proxy asked without saying, as its own word, which origin it serves. Kept in memory
/// until it is written down, where the application's page and `countersign doctor` find it.
package final class UnpinnedQuestions: Sendable {
    /// One writing says it for so long.
    package static let noteSeconds: Int64 = 600
    /// So long after the last one people are told.
    package static let warningSeconds: Int64 = 86_400

    private struct State {
        var notedAt: [Application.ID: UnixTime] = [:]
        var unwritten: [Application.ID: UnixTime] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func note(_ application: Application.ID, at now: UnixTime) {
        state.withLock { state in
            // A clock that was put back is a reason to say it again.
            if let noted = state.notedAt[application], (0..<Self.noteSeconds).contains(noted.distance(to: now)) {
                return
            }
            state.notedAt[application] = now
            state.unwritten[application] = now
        }
    }

    /// What has to be written down; what could not be is given back.
    package func take() -> [Application.ID: UnixTime] {
        state.withLock { state in
            defer { state.unwritten = [:] }
            return state.unwritten
        }
    }

    package func giveBack(_ questions: [Application.ID: UnixTime]) {
        state.withLock { $0.unwritten.merge(questions) { newer, _ in newer } }
    }
}
