import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Gives the server's own answers, to what is no HTTP, the headers that every answer carries; the portal sets them on
/// its own.
final class ServerAnswers: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let fields: HTTPFields

    init(fields: HTTPFields) {
        self.fields = fields
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.xContentTypeOptions] == nil
        else { return context.write(data, promise: promise) }
        head.headerFields.append(contentsOf: fields)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
