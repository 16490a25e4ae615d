import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Portal
import Wire

/// Hummingbird's channel with our rules next to the codec and, for the portal, the handler that answers forward-auth
/// from memory.
struct RuledChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    /// The headers of every answer.
    let fields: HTTPHeaders
    let makeForwardAuth: (@Sendable () -> ForwardAuthHandler)?

    /// - Parameter fields: the headers of every answer.
    static func builder(
        _ fields: HTTPFields,
        makeForwardAuth: (@Sendable () -> ForwardAuthHandler)? = nil
    ) -> HTTPServerBuilder {
        let fields = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
        return HTTPServerBuilder { responder in
            RuledChannel(
                base: HTTP1Channel(responder: responder, configuration: ConnectionLimits.channel),
                fields: fields,
                makeForwardAuth: makeForwardAuth
            )
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try channel.syncOptions?.setOption(.recvAllocator, value: ConnectionLimits.reading)
            // Whether to go on is asked behind each read.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try channel.syncOptions?.setOption(.writeBufferWaterMark, value: ConnectionLimits.unread)
            try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(ConnectionLimits.sending))
            let pipeline = channel.pipeline.syncOperations
            let room = HeadRoom(ConnectionLimits.heads)
            try pipeline.addHandler(room, position: .first)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let rules = ConnectionRules(
                maximumBody: PortalApplication.maximumBody,
                room: room,
                connections: ConnectionLimits.open,
                idleLimit: ConnectionLimits.idle,
                fields: fields
            )
            try pipeline.addHandler(rules, position: .after(decoder))
            if let makeForwardAuth { try pipeline.addHandler(makeForwardAuth(), position: .after(rules)) }
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
