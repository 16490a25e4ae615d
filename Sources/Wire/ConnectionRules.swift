package import NIOCore
package import NIOHTTP1

/// Keeps one HTTP/1 connection to the standard and within bounds: what it may send, how much of it at once, how fast,
/// and what its answers look like on the wire. What stands behind it sees whole, well-formed requests, a few at a time.
///
/// Stands next to the codec. Everything that needs no more than the connection is decided here; what needs the path or
/// the client's address is the portal's.
package final class ConnectionRules: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// Requests that may wait for their answers. No client that is in use sends one before the last is answered.
    private static let maximumUnanswered = 16
    /// Bytes of the heads of requests that wait behind another one.
    private static let maximumWaitingBytes = 16 * 1024
    /// How long a client may leave an answer unread.
    private static let unreadLimit = TimeAmount.seconds(30)
    /// How long the last answer of a connection has to arrive: closing at once would take it away from a client that is
    /// still sending (RFC 9112 9.6).
    private static let lingering = TimeAmount.seconds(2)

    private let maximumBody: Int
    private let room: HeadRoom
    private let connections: OpenConnections
    private let idleLimit: TimeAmount
    private var ofLoop: OpenConnections.OfLoop?
    private var channel: (any Channel)?
    /// When the last request or answer went by.
    private(set) var lastActive = NIODeadline.now()
    /// The headers of every answer.
    private let fields: HTTPHeaders

    private var unanswered: [RequestTraits] = []
    private var waitingBytes = 0
    /// Requests that have come since the answers are left unread.
    private var unreadRequests = 0
    /// The next read waits; see `mayRead`.
    private var isReadHeld = false
    /// The head of the answer to the first of them is on its way.
    private var hasBegun = false
    /// The end of the last of them has not come yet.
    private var isReading = false
    private var acceptsRequests = true
    /// To be told when everything before it is answered.
    private var refusal: (WireRefusal, isHead: Bool)?
    /// The last answer is written.
    private var isEnding = false
    private var isInputClosed = false
    /// The head of an answer to HEAD, until it is known how long its body would be.
    private var heldHead: HTTPResponseHead?
    private var heldBytes = 0

    /// What has come of a body in one reading, made one: a body in chunks of a byte is as many pieces.
    private var gathered: ByteBuffer?
    private var pace: BodyPace?
    private var paceTask: Scheduled<Void>?
    private var unreadTask: Scheduled<Void>?
    private var closeTask: Scheduled<Void>?
    private var idleTask: Scheduled<Void>?

    /// - Parameters:
    ///   - maximumBody: bytes of the longest body that anything behind takes.
    ///   - room: the handler in front of the decoder.
    ///   - connections: all that are open.
    ///   - idleLimit: how long one is kept without a request.
    ///   - fields: the headers of every answer.
    package init(
        maximumBody: Int,
        room: HeadRoom,
        connections: OpenConnections,
        idleLimit: TimeAmount,
        fields: HTTPHeaders
    ) {
        self.maximumBody = maximumBody
        self.room = room
        self.connections = connections
        self.idleLimit = idleLimit
        self.fields = fields
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        ofLoop = connections.of(context.eventLoop)
        ofLoop?.add(self)
        lastActive = context.eventLoop.now
        scheduleIdle(context, lastActive + idleLimit)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func stop() {
        for task in [paceTask, unreadTask, closeTask, idleTask] { task?.cancel() }
        ofLoop?.remove(self)
        ofLoop = nil
        channel = nil
    }

    /// Nothing is asked, or what is asked has not come whole.
    var isIdle: Bool { unanswered.isEmpty }

    func makeRoom() { channel?.close(promise: nil) }

    private func scheduleIdle(_ context: ChannelHandlerContext, _ deadline: NIODeadline) {
        idleTask = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            let now = context.eventLoop.now
            let deadline = (isIdle || isReading ? lastActive : now) + idleLimit
            if deadline > now { scheduleIdle(context, deadline) } else { context.close(promise: nil) }
        }
    }

    // MARK: Requests

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard !isEnding else { return room.isParsed(head: 0, context) }
        switch part {
        case .head(let head):
            let verdict = RequestHeadRules.judge(head, maximumBody: maximumBody)
            room.isParsed(head: verdict.bytes, context)
            guard acceptsRequests else { return }
            guard hasRoom(for: verdict, context) else { return context.close(promise: nil) }
            switch verdict {
            case .refused(let refusal): return refuse(refusal, isHead: head.method == .HEAD, context)
            case .accepted(let traits): begin(traits, context)
            }
        case .body(var bytes):
            room.isParsed(head: 0, context)
            guard isReading else { return }
            pace?.add(bytes.readableBytes)
            if gathered?.writeBuffer(&bytes) == nil { gathered = bytes }
            return
        case .end:
            room.isParsed(head: 0, context)
            guard isReading else { return }
            handOn(context)
            endReading()
            stopAtLast()
        }
        context.fireChannelRead(data)
    }

    private func handOn(_ context: ChannelHandlerContext) {
        guard let bytes = gathered else { return }
        gathered = nil
        context.fireChannelRead(wrapInboundOut(.body(bytes)))
    }

    /// Not for somebody who sends and sends, and reads no answer.
    private func hasRoom(for verdict: RequestHeadRules.Verdict, _ context: ChannelHandlerContext) -> Bool {
        if !context.channel.isWritable { context.flush() }
        unreadRequests = context.channel.isWritable ? 0 : unreadRequests + 1
        guard max(unreadRequests, unanswered.count + 1) <= Self.maximumUnanswered else { return false }
        return unanswered.isEmpty || waitingBytes + verdict.bytes <= Self.maximumWaitingBytes
    }

    package func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { isReadHeld = true }
    }

    /// Nothing more is read from a client that reads no answers, of a body whose request waits behind another one, and
    /// behind the last request. What has been read by then is some kilobytes.
    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        if isEnding { return true }
        guard context.channel.isWritable else { return false }
        return isReading ? unanswered.count == 1 : acceptsRequests
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    /// Behind the last request the decoder may take whatever comes for another protocol, and say nothing of it.
    private func stopAtLast() {
        if !acceptsRequests, !isReading { room.stop() }
    }

    private func begin(_ traits: RequestTraits, _ context: ChannelHandlerContext) {
        if unanswered.isEmpty { waitingBytes = 0 } else { waitingBytes += traits.bytes }
        unanswered.append(traits)
        lastActive = context.eventLoop.now
        isReading = true
        acceptsRequests = !traits.isLast
        if unanswered.count == 1 { beginBody(traits, context) }
    }

    /// The body of the request whose turn it is.
    private func beginBody(_ traits: RequestTraits, _ context: ChannelHandlerContext) {
        if traits.hasBody {
            pace = BodyPace()
            schedulePace(context)
        }
        if traits.expectsContinue {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    private func endReading() {
        isReading = false
        gathered = nil
        pace = nil
        paceTask?.cancel()
        paceTask = nil
    }

    private func schedulePace(_ context: ChannelHandlerContext) {
        let interval = TimeAmount.seconds(BodyPace.intervalSeconds)
        paceTask = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [self] in
            guard pace?.endInterval() == false else { return schedulePace(context) }
            giveUp(.bodyTooSlow, context)
            // So that nobody takes what has come for all of it.
            context.fireErrorCaught(HTTPParserError.invalidEOFState)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, !isEnding {
            if isReading {
                giveUp(WireRefusal(error), context)
            } else {
                refuse(WireRefusal(error), isHead: room.mayBeHead, context)
            }
        }
        context.fireErrorCaught(error)
    }

    /// The request that is being read will not come to its end.
    private func giveUp(_ refusal: WireRefusal, _ context: ChannelHandlerContext) {
        endReading()
        // The answer to it may have begun.
        guard !hasBegun || unanswered.count > 1, let request = unanswered.popLast() else {
            return context.close(promise: nil)
        }
        refuse(refusal, isHead: request.isHead, context)
    }

    /// - Parameter isHead: whether the answer may have no body.
    private func refuse(_ refusal: WireRefusal, isHead: Bool, _ context: ChannelHandlerContext) {
        acceptsRequests = false
        stopAtLast()
        if unanswered.isEmpty {
            answer(refusal, isHead: isHead, context)
        } else {
            self.refusal = (refusal, isHead)
        }
    }

    private func answer(_ refusal: WireRefusal, isHead: Bool, _ context: ChannelHandlerContext) {
        end()
        let body = ByteBuffer(string: isHead ? "" : refusal.sentence + "\n")
        var head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: fields)
        head.headers.add(name: "content-type", value: "text/plain; charset=utf-8")
        head.headers.add(name: "content-length", value: String(body.readableBytes))
        head.headers.add(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        writeLast(nil, context, promise: nil)
    }

    // MARK: Answers

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What comes behind the last answer, such as the server's own to what was refused here, is dropped.
        guard !isEnding, var request = unanswered.first else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            hasBegun = true
            // An answer that comes before the end of the request: whoever still sends would have to be read for nothing.
            request.isLast = request.isLast || !head.headers.isKeepAlive || isReading && unanswered.count == 1
            unanswered[0] = request
            if request.isOld { head.version = .http1_0 }
            if request.isLast {
                acceptsRequests = false
                stopAtLast()
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            guard request.isHead else { return context.write(wrapOutboundOut(.head(head)), promise: promise) }
            (heldHead, heldBytes) = (head, 0)
            promise?.succeed()
        case .body(let part):
            guard heldHead != nil else { return context.write(data, promise: promise) }
            heldBytes += part.readableBytes
            promise?.succeed()
        case .end(let trailers):
            writeHeldHead(context)
            hasBegun = false
            unanswered.removeFirst()
            lastActive = context.eventLoop.now
            if request.isLast {
                end()
                return writeLast(trailers, context, promise: promise)
            }
            context.write(data, promise: promise)
            if unanswered.isEmpty {
                room.isAnswered(context)
                if let (refusal, isHead) = refusal { answer(refusal, isHead: isHead, context) }
            } else if unanswered.count == 1, isReading {
                beginBody(unanswered[0], context)
            }
            resumeReading(context)
        }
    }

    /// As long as the answer to GET would be, without its body.
    private func writeHeldHead(_ context: ChannelHandlerContext) {
        guard var head = heldHead else { return }
        heldHead = nil
        if !head.headers.contains(name: "content-length") {
            head.headers.add(name: "content-length", value: String(heldBytes))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    // MARK: The end

    /// From here on nothing is read, timed or answered any more.
    private func end() {
        isEnding = true
        unanswered.removeAll()
        endReading()
        room.stop()
    }

    private func writeLast(
        _ trailers: HTTPHeaders?,
        _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { [self] _ in linger(context) }
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: written)
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard context.channel.isActive, !isInputClosed else { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        closeTask = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { context.close(promise: nil) }
        context.read()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        handOn(context)
        context.fireChannelReadComplete()
        // Whoever stands behind reads no more.
        if isEnding { context.read() }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            if closeTask != nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        unreadTask?.cancel()
        unreadTask = nil
        if !context.channel.isWritable {
            let loop = context.eventLoop.assumeIsolated()
            unreadTask = loop.scheduleTask(in: Self.unreadLimit) { context.close(promise: nil) }
        } else {
            resumeReading(context)
        }
        context.fireChannelWritabilityChanged()
    }
}

extension HTTPHeaders {
    /// Whether the answer says nothing of closing.
    fileprivate var isKeepAlive: Bool {
        !self[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
    }
}
