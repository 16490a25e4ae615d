import Gateway
import HTTPTypes
package import NIOCore
package import NIOHTTP1
import Wire

/// Answers a proxy's question on the event loop where memory is enough for it: no task, no router, no other thread.
///
/// Stands behind the rules of the connection, and in front of what makes requests for the router of heads and bodies. What
/// memory cannot answer goes on to the router, and so does every question behind one that is still there: answers leave
/// in the order of their questions.
package final class ForwardAuthHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    private let door: ForwardAuthDoor
    private var peer: IPAddress?
    private var isTrusted = false
    /// Requests that the router has not finished answering.
    private var inRouter = 0
    /// A question that has not ended. It is judged when it has, since whoever holds back its end would hold an answer.
    private var question: (head: HTTPRequestHead, call: ForwardAuthCall)?
    private let flushes: PerLoop<TurnFlush>
    private var flush: TurnFlush?
    /// Answers are written that have not been sent.
    private var hasWritten = false

    private init(_ door: ForwardAuthDoor, _ flushes: PerLoop<TurnFlush>) {
        self.door = door
        self.flushes = flushes
    }

    /// What makes one for each connection.
    package static func maker(
        _ services: PortalServices,
        _ configuration: PortalConfiguration,
        _ pages: Pages
    ) -> @Sendable () -> ForwardAuthHandler {
        let door = ForwardAuthDoor(web: Web(services: services, configuration: configuration, pages: pages))
        let flushes = PerLoop { TurnFlush($0) }
        return { ForwardAuthHandler(door, flushes) }
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        isTrusted = door.isTrusted(peer)
        flush = flushes.of(context.eventLoop)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if inRouter == 0, head.method == .GET, Self.isQuestion(head.uri) {
                question = (head, ForwardAuthCall(head.headers))
                return
            }
            inRouter += 1
        case .body:
            handOn(context)
        case .end:
            if let call = question?.call, let answer = door.quickAnswer(call, peer: peer, isTrusted: isTrusted) {
                question = nil
                return write(answer, context)
            }
            handOn(context)
        }
        context.fireChannelRead(data)
    }

    /// The question goes to the router.
    private func handOn(_ context: ChannelHandlerContext) {
        guard let head = question?.head else { return }
        question = nil
        inRouter += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func isQuestion(_ target: String) -> Bool {
        guard target.utf8.starts(with: ForwardAuthRoutes.path.utf8) else { return false }
        let next = target.utf8.dropFirst(ForwardAuthRoutes.path.utf8.count).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }

    private func write(_ answer: ForwardAuthAnswer, _ context: ChannelHandlerContext) {
        let status = HTTPResponseStatus(statusCode: answer.status.code)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: answer.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        guard !hasWritten else { return }
        hasWritten = true
        flush?.atEnd { [self] in send(context) }
    }

    private func send(_ context: ChannelHandlerContext) {
        guard hasWritten else { return }
        hasWritten = false
        context.flush()
    }

    // What ends the connection comes behind the answers.

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        send(context)
        context.fireUserInboundEventTriggered(event)
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        send(context)
        context.close(mode: mode, promise: promise)
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { inRouter -= 1 }
        context.write(data, promise: promise)
    }
}
