import Secrets
import Synchronization

/// A tag that is being computed. It is kept once and waited for at most once, in whichever order.
final class TagPromise: Sendable {
    typealias Answer = Result<[UInt8], PasswordHashingError>

    private enum State {
        case open
        case awaited(CheckedContinuation<Answer, Never>)
        case kept(Answer)
    }

    private let state = Mutex(State.open)

    func keep(_ answer: Answer) {
        let waiting: CheckedContinuation<Answer, Never>? = state.withLock { state in
            defer { state = .kept(answer) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: answer)
    }

    func tag() async throws(PasswordHashingError) -> [UInt8] {
        let answer: Answer = await withCheckedContinuation { continuation in
            let kept: Answer? = state.withLock { state in
                if case .kept(let answer) = state { return answer }
                state = .awaited(continuation)
                return nil
            }
            if let kept { continuation.resume(returning: kept) }
        }
        return try answer.get()
    }
}
