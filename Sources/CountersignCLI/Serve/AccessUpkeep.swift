import Gateway
import Logging
import NIOCore
import Secrets
import ServiceLifecycle

/// Keeps what forward-auth remembers true while somebody asks, and writes down from time to time what was used.
struct AccessUpkeep: Service, CustomStringConvertible {
    let gatekeeper: Gatekeeper
    let clock: any WallClock
    let logger: Logger

    /// What the log calls it.
    var description: String { "AccessUpkeep" }

    /// Three readings fit into the age that the memory may have.
    private static let pause = Duration.milliseconds(150)
    /// So long after the last question it goes on looking.
    private static let attention: UInt64 = 10_000_000_000
    /// As seldom as pages touch their session.
    private static let touchSeconds: Int64 = 30

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var written = clock.now
            var tried = written
            var isBroken = false
            while !Task.isCancelled {
                try await Task.sleep(for: Self.pause, clock: .suspending)
                let uptime = NIODeadline.now().uptimeNanoseconds
                if gatekeeper.cache.wasAsked(since: uptime - min(uptime, Self.attention)) {
                    isBroken = await catchUp(wasBroken: isBroken)
                }
                await writeUnpinned()
                let now = clock.now
                if now >= tried + Self.touchSeconds || now < tried {
                    if await writeUses(since: min(written, now), at: now) { written = now }
                    tried = now
                }
            }
        }
        _ = await writeUses(since: clock.now - Self.touchSeconds, at: clock.now)
    }

    private func catchUp(wasBroken: Bool) async -> Bool {
        do {
            try await gatekeeper.watch.catchUp()
            return false
        } catch {
            // Whoever asks meanwhile is refused; said once, not six times a second.
            if !wasBroken {
                logger.error("forward-auth cannot read what has changed", metadata: ["cause": "\(error)"])
            }
            return true
        }
    }

    /// At once, so that whoever looks after a change of the proxy sees what is true; once in ten minutes at the most.
    private func writeUnpinned() async {
        let questions = gatekeeper.unpinned.take()
        guard !questions.isEmpty else { return }
        do {
            try await gatekeeper.store.noteUnpinned(questions)
        } catch {
            gatekeeper.unpinned.giveBack(questions)
        }
    }

    private func writeUses(since time: UnixTime, at now: UnixTime) async -> Bool {
        do {
            try await gatekeeper.store.touch(gatekeeper.cache.uses(since: time, at: now), at: now)
            return true
        } catch {
            logger.warning("the use of applications could not be written down", metadata: ["cause": "\(error)"])
            return false
        }
    }
}
