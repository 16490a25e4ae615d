package import NIOCore

/// Counts what a connection holds of heads: of one that is not whole yet, and of a long one until it is answered. When
/// they take too much memory together, the connection whose began first gives way. One that has sent nothing so far
/// counts as well.
///
/// Stands in front of the decoder, which holds these bytes; `ConnectionRules` behind it says when they are understood and
/// when they are answered.
package final class HeadRoom: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer

    /// Heads up to this length, which most are, are not counted while they are answered.
    private static let longHead = 8 * 1024
    /// Of what comes without being understood, such as blank lines or remarks between chunks; the decoder refuses heads
    /// that are half as long.
    private static let maximumUnread = 64 * 1024

    private let shares: MemoryShares
    private var number: Int?
    private var bytes = 0
    /// Of long heads that wait for their answers.
    private var held = 0
    /// Nil when the method of what is being read cannot be told from here.
    private var isHeadMethod: Bool?
    private var isFirst = true
    private var isStopped = false

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
        if isStopped { return }
        let read = unwrapInboundIn(data)
        if isFirst {
            isFirst = false
            // Whoever sends it in pieces of a few bytes gets no sentence.
            isHeadMethod = read.readableBytes < 5 ? nil : read.readableBytesView.starts(with: "HEAD ".utf8)
        }
        bytes += read.readableBytes
        context.fireChannelRead(data)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if bytes > 0 { count(context) }
        context.fireChannelReadComplete()
        if bytes > Self.maximumUnread { context.close(promise: nil) }
    }

    /// Whether the request that could not be read may have been a HEAD, whose answer has no body. Only of the first one
    /// on a connection is it known where it begins.
    var mayBeHead: Bool { isHeadMethod ?? true }

    /// What came was a whole head of so many bytes, or part of a body, which is counted elsewhere.
    func isParsed(head length: Int, _ context: ChannelHandlerContext) {
        bytes = 0
        isHeadMethod = nil
        if length > Self.longHead {
            held += length
            count(context)
        } else if held == 0 {
            end()
        }
    }

    /// Nothing waits for an answer any more.
    func isAnswered(_ context: ChannelHandlerContext) {
        guard held > 0 else { return }
        held = 0
        if bytes > 0 { count(context) } else { end() }
    }

    /// Nothing that comes from here on is looked at, or takes anything from others.
    func stop() {
        isStopped = true
        bytes = 0
        if held == 0 { end() }
    }

    private func count(_ context: ChannelHandlerContext) {
        if number == nil { begin(context) }
        if let number { _ = shares.grow(number, to: held + bytes) }
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
