package import NIOCore
import Synchronization

/// One value for each event loop, which is looked at there alone.
package final class PerLoop<Value>: Sendable {
    private let loops = Mutex<[ObjectIdentifier: NIOLoopBound<Value>]>([:])
    private let make: @Sendable (any EventLoop) -> Value

    package init(_ make: @escaping @Sendable (any EventLoop) -> Value) {
        self.make = make
    }

    /// Asked on the event loop.
    package func of(_ loop: any EventLoop) -> Value {
        loops.withLock { loops in
            if let found = loops[ObjectIdentifier(loop)] { return found }
            let new = NIOLoopBound(make(loop), eventLoop: loop)
            loops[ObjectIdentifier(loop)] = new
            return new
        }.value
    }
}
