import NIOCore

/// Sends the answers that one turn of an event loop has made, all of them together at its end.
///
/// Each answer that is sent wakes the proxy, which then takes the processor from us as often as not. Together they wake
/// it once.
final class TurnFlush {
    private let loop: any EventLoop
    private var waiting: [() -> Void] = []

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func atEnd(_ flush: @escaping () -> Void) {
        if waiting.isEmpty { loop.assumeIsolated().execute { [self] in flushAll() } }
        waiting.append(flush)
    }

    private func flushAll() {
        let all = waiting
        waiting.removeAll(keepingCapacity: all.count < 1_024)
        for flush in all { flush() }
    }
}
