import Gateway
import HTTPTypes
package import NIOCore
package import NIOHTTPTypes

/// Answers a proxy's question on the event loop where memory is enough for it: no task, no router, no other thread.
///
/// Stands behind the codec and the handler that counts requests. What memory cannot answer goes on to the router, and so
/// does every question behind one that is still there: answers leave in the order of their questions.
package final class ForwardAuthHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private let door: ForwardAuthDoor
    private var peer: IPAddress?
    private var isTrusted = false
    /// Requests that the router has not finished answering.
    private var inRouter = 0
    private var answer: ForwardAuthAnswer?
    private var hasWritten = false

    package init(_ services: PortalServices, _ configuration: PortalConfiguration, _ pages: Pages) {
        door = ForwardAuthDoor(web: Web(services: services, configuration: configuration, pages: pages))
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        isTrusted = door.isTrusted(peer)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if inRouter == 0, head.method == .get, Self.isQuestion(head.path) {
                let call = ForwardAuthCall(head.headerFields)
                if let answer = door.quickAnswer(call, peer: peer, isTrusted: isTrusted) {
                    self.answer = answer
                    return
                }
            }
            inRouter += 1
        case .body:
            if answer != nil { return }
        case .end:
            if let answer {
                self.answer = nil
                write(answer, context)
                return
            }
        }
        context.fireChannelRead(data)
    }

    private static func isQuestion(_ path: String?) -> Bool {
        guard let path, path.hasPrefix(ForwardAuthRoutes.path) else { return false }
        let next = path.utf8.dropFirst(ForwardAuthRoutes.path.utf8.count).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }

    private func write(_ answer: ForwardAuthAnswer, _ context: ChannelHandlerContext) {
        let head = HTTPResponse(status: answer.status, headerFields: answer.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if answer.body.readableBytes > 0 { context.write(wrapOutboundOut(.body(answer.body)), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        hasWritten = true
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { inRouter -= 1 }
        context.write(data, promise: promise)
    }
}
