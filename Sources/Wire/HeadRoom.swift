package import NIOCore

/// Counts what a connection has sent of a request's head that is not whole yet, and gives way when such heads take too
/// much memory together. A connection that has sent nothing so far counts as well.
///
/// Stands in front of the decoder, which holds these bytes; `ConnectionRules` behind it says when they are understood.
package final class HeadRoom: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer

    private let shares: MemoryShares
    private var number: Int?
    private var bytes = 0

    /// - Parameter shares: for all connections; whose a head is, is not asked, since many come by one proxy.
    package init(_ shares: MemoryShares) {
        self.shares = shares
    }

    package func handlerAdded(context: ChannelHandlerContext) { begin(context) }
    package func handlerRemoved(context: ChannelHandlerContext) { end() }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if bytes > 0 {
            if number == nil { begin(context) }
            if let number { _ = shares.grow(number, to: bytes) }
        }
        context.fireChannelReadComplete()
    }

    /// What came was a whole head, or belonged to a body, which is counted elsewhere.
    func isParsed() {
        bytes = 0
        end()
    }

    private func begin(_ context: ChannelHandlerContext) {
        let channel = context.channel
        number = shares.begin(client: "") { channel.close(promise: nil) }
    }

    private func end() {
        guard let number else { return }
        self.number = nil
        shares.end(number)
    }
}
