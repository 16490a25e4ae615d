import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Portal

/// Hummingbird's channel with one handler more: the one that answers forward-auth from memory.
struct PortalChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let makeHandler: @Sendable () -> ForwardAuthHandler

    static func builder(
        _ configuration: HTTP1Channel.Configuration,
        makeHandler: @escaping @Sendable () -> ForwardAuthHandler
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            PortalChannel(
                base: HTTP1Channel(responder: responder, configuration: configuration),
                makeHandler: makeHandler
            )
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            // Behind the handler that closes idle connections, which has to see these requests too.
            let state = try channel.pipeline.syncOperations.handler(type: HTTPConnectionStateHandler.self)
            try channel.pipeline.syncOperations.addHandler(makeHandler(), position: .after(state))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
