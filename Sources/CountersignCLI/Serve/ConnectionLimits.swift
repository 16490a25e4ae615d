import Foundation
import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// What one connection, and all of them together, may take of the server (threats H02).
enum ConnectionLimits {
    /// How long a connection is kept without a complete head of a request; longer than a proxy keeps one to us, which
    /// is 60 seconds for most, so that no request meets a connection that is being closed.
    private static let idle = TimeAmount.seconds(75)
    /// From the first byte of a body to its last one.
    private static let body = TimeAmount.seconds(30)
    /// Files that the server needs beside its connections: the database, the standard streams, epoll.
    private static let reservedFiles = 128

    /// - Parameter fields: the headers of every answer.
    static func channel(_ fields: HTTPFields) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [BodyDeadline(limit: body), ServerAnswers(fields: fields)],
            idleTimeout: idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024,
                maxHeaderListSize: 32 * 1024,
                maxHeaderFieldCount: 100
            )
        )
    }

    /// Takes as many open files as the system allows; further connections wait in its queue, since a server without a
    /// free file descriptor stops accepting for good.
    ///
    /// - Returns: how many connections there may be at once.
    static func raiseToAllowed() -> Int {
        let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0 else { return 512 }
        var raised = limit
        raised.rlim_cur = min(limit.rlim_max, 65_536)
        if raised.rlim_cur > limit.rlim_cur, setrlimit(openFiles, &raised) == 0 { limit = raised }
        return max(64, Int(clamping: limit.rlim_cur) - reservedFiles)
    }
}

/// Closes a connection whose request body does not end in time; the idle timeout alone is renewed by every byte.
final class BodyDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let limit: TimeAmount
    private var closing: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: break
        case .body: start(context)
        case .end: stop()
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard closing == nil else { return }
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }

    private func stop() {
        closing?.cancel()
        closing = nil
    }
}
