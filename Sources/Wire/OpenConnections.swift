import NIOCore

/// The connections of each event loop, of which the one that has been idle for the longest makes room for a new one.
///
/// A client may keep a connection open behind its request, and each takes some memory and one of the files that the
/// process may have. Without an end to their number whoever opens many keeps everybody out.
package final class OpenConnections: Sendable {
    /// Those of one event loop, which are looked at there alone.
    final class OfLoop {
        fileprivate var connections: [ObjectIdentifier: ConnectionRules] = [:]
        fileprivate let maximum: Int

        fileprivate init(maximum: Int) { self.maximum = maximum }

        func add(_ connection: ConnectionRules) {
            if connections.count >= maximum {
                connections.values.lazy.filter(\.isIdle).min { $0.lastActive < $1.lastActive }?.makeRoom()
            }
            connections[ObjectIdentifier(connection)] = connection
        }

        func remove(_ connection: ConnectionRules) { connections[ObjectIdentifier(connection)] = nil }
    }

    private let loops: PerLoop<OfLoop>

    /// - Parameters:
    ///   - maximum: of all event loops together; they get equal shares.
    ///   - loopCount: how many event loops there are.
    package init(maximum: Int, loopCount: Int) {
        let share = max(1, maximum / max(1, loopCount))
        loops = PerLoop { _ in OfLoop(maximum: share) }
    }

    /// Asked on the event loop.
    func of(_ loop: any EventLoop) -> OfLoop { loops.of(loop) }
}
