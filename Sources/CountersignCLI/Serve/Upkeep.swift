import Credentials
import Logging
import Secrets
import ServiceLifecycle
import Storage

/// Takes away what is not needed any more: the start's code after the start, expired rows from time to time.
struct Upkeep: Service, CustomStringConvertible {
    let store: PortalStore
    let clock: any WallClock
    let logger: Logger

    /// What the log calls it.
    var description: String { "Upkeep" }

    /// After it the start is over.
    private static let settlingTime = Duration.seconds(1)
    /// Not at once: whoever waits for the start waits for signing in.
    private static let firstPause = Duration.seconds(10)
    private static let pause = Duration.seconds(300)

    func run() async throws {
        // Ends by cancellation, which is how it is asked to stop.
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: Self.settlingTime, clock: .suspending)
            ProcessMemory.forgetStart()
            try await Task.sleep(for: Self.firstPause, clock: .suspending)
            while !Task.isCancelled {
                await cleanUp()
                try await Task.sleep(for: Self.pause, clock: .suspending)
            }
        }
    }

    private func cleanUp() async {
        do {
            try await store.cleanUp(at: clock.now)
        } catch {
            // Nothing depends on it; the next round tries again.
            logger.warning("expired rows could not be taken away", metadata: ["cause": "\(error)"])
        }
    }
}
