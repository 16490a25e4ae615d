import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Wire

@Suite("A connection and its requests")
struct ConnectionRulesTests {
    /// A connection whose other side is the test: it sends parts of requests and reads parts of answers.
    private struct Connection {
        let channel: EmbeddedChannel
        let caught = Errors()

        /// What is told to whoever stands behind.
        final class Errors: ChannelInboundHandler {
            typealias InboundIn = HTTPServerRequestPart
            var count = 0

            func errorCaught(context: ChannelHandlerContext, error: any Error) { count += 1 }
        }

        let reads = Reads()

        /// What is read from the client, as the socket is told.
        final class Reads: ChannelOutboundHandler {
            typealias OutboundIn = HTTPServerResponsePart
            var count = 0

            func read(context: ChannelHandlerContext) {
                count += 1
                context.read()
            }
        }

        func setWritable(_ isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }

        init() throws {
            channel = EmbeddedChannel()
            try channel.pipeline.syncOperations.addHandlers([
                reads,
                ConnectionRules(
                    maximumBody: 1_000,
                    room: HeadRoom(MemoryShares(.init(total: 100_000, each: 100_000))),
                    connections: OpenConnections(maximum: 10, loopCount: 1),
                    idleLimit: .seconds(75),
                    fields: ["x-content-type-options": "nosniff"]
                ), caught,
            ])
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func ask(_ method: HTTPMethod = .GET, _ headers: [(String, String)] = [], isWhole: Bool = true) throws {
            let fields = HTTPHeaders([("Host", "localhost")] + headers)
            let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/", headers: fields)
            try channel.writeInbound(HTTPServerRequestPart.head(head))
            if isWhole { try channel.writeInbound(HTTPServerRequestPart.end(nil)) }
        }

        func answer(_ status: HTTPResponseStatus = .ok, _ body: String = "hello") throws {
            let head = HTTPResponseHead(version: .http1_1, status: status)
            try channel.writeOutbound(HTTPServerResponsePart.head(head))
            try channel.writeOutbound(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))))
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }

        /// Everything that has been written since the last look.
        func written() throws -> [HTTPServerResponsePart] {
            var parts: [HTTPServerResponsePart] = []
            while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) { parts.append(part) }
            return parts
        }

        func heads() throws -> [HTTPResponseHead] {
            try written().compactMap { if case .head(let head) = $0 { head } else { nil } }
        }

        var isOpen: Bool { channel.isActive }
    }

    @Test("The answer to HEAD has the length of the one to GET, and no body")
    func head() throws {
        let connection = try Connection()
        try connection.ask(.HEAD)
        try connection.answer(.notFound)
        let parts = try connection.written()
        #expect(parts.count == 2)
        guard case .head(let head)? = parts.first else {
            Issue.record("a head comes first")
            return
        }
        #expect(head.status == .notFound && head.headers["content-length"] == ["5"])
        try connection.ask()
        try connection.answer()
        #expect(try connection.written().count == 3, "the next one has its body")
    }

    @Test("A client that waits is told to go on, once")
    func goOn() throws {
        let connection = try Connection()
        try connection.ask(.POST, [("Content-Length", "5"), ("Expect", "100-continue")], isWhole: false)
        #expect(try connection.heads().map(\.status) == [.continue])
        try connection.channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "hello")))
        try connection.channel.writeInbound(HTTPServerRequestPart.end(nil))
        try connection.answer()
        #expect(try connection.heads().map(\.status) == [.ok])
        #expect(connection.isOpen)
    }

    @Test("Sixteen requests may wait for their answers, and one more ends the connection")
    func pipelining() throws {
        let connection = try Connection()
        for _ in 1...16 { try connection.ask() }
        #expect(connection.isOpen)
        try connection.answer()
        try connection.ask()
        #expect(connection.isOpen, "one that is answered makes room")
        try? connection.ask()
        #expect(!connection.isOpen)
    }

    @Test("Nothing is read from a client that reads no answers, until it reads them")
    func backpressure() throws {
        let connection = try Connection()
        connection.channel.read()
        #expect(connection.reads.count == 1)
        connection.setWritable(false)
        for _ in 1...3 { connection.channel.read() }
        #expect(connection.reads.count == 1)
        connection.setWritable(true)
        #expect(connection.reads.count == 2, "the reads that waited are one")
        connection.channel.read()
        #expect(connection.reads.count == 3)
    }

    @Test("A body whose request waits behind another one is not read, nor timed, until its turn")
    func bodyBehindAnother() throws {
        let connection = try Connection()
        let loop = connection.channel.embeddedEventLoop
        try connection.ask()
        connection.channel.read()
        #expect(connection.reads.count == 1, "a request behind the first is read")
        try connection.ask(.POST, [("Content-Length", "900"), ("Expect", "100-continue")], isWhole: false)
        connection.channel.read()
        #expect(connection.reads.count == 1)
        loop.advanceTime(by: .seconds(70))
        #expect(connection.isOpen)
        _ = try connection.written()
        try connection.answer()
        #expect(connection.reads.count == 2)
        #expect(try connection.heads().map(\.status) == [.ok, .continue])
        loop.advanceTime(by: .seconds(5))
        #expect(try connection.heads().map(\.status) == [.requestTimeout])
    }

    @Test("Behind the last request nothing is read")
    func behindTheLast() throws {
        let connection = try Connection()
        try connection.ask(.GET, [("Connection", "close")])
        connection.channel.read()
        #expect(connection.reads.count == 0)
    }

    @Test("Of what was read before, sixteen more requests are answered, and one more ends the connection")
    func unreadAnswers() throws {
        let connection = try Connection()
        for round in 1...2 {
            connection.setWritable(false)
            for _ in 1...16 {
                try connection.ask()
                try connection.answer()
            }
            #expect(connection.isOpen, "round \(round)")
            connection.setWritable(true)
            try connection.ask()
            try connection.answer()
        }
        connection.setWritable(false)
        for _ in 1...16 {
            try connection.ask()
            try connection.answer()
        }
        try? connection.ask()
        #expect(!connection.isOpen)
    }

    @Test("A client that reads no answer for half a minute is let go")
    func unreadForLong() throws {
        let connection = try Connection()
        connection.setWritable(false)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(connection.isOpen)
        connection.setWritable(true)
        connection.setWritable(false)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(connection.isOpen)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!connection.isOpen)
    }

    @Test("A connection is kept for 75 seconds behind its last answer, and for as long as one is waited for")
    func idle() throws {
        let connection = try Connection()
        let loop = connection.channel.embeddedEventLoop
        loop.advanceTime(by: .seconds(74))
        try connection.ask()
        loop.advanceTime(by: .seconds(600))
        #expect(connection.isOpen, "an answer is waited for")
        try connection.answer()
        loop.advanceTime(by: .seconds(74))
        #expect(connection.isOpen)
        loop.advanceTime(by: .seconds(1))
        #expect(!connection.isOpen)

        let silent = try Connection()
        silent.channel.embeddedEventLoop.advanceTime(by: .seconds(74))
        #expect(silent.isOpen)
        silent.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!silent.isOpen)
    }

    @Test("What is refused is told when everything before it is answered")
    func order() throws {
        let connection = try Connection()
        try connection.ask()
        try connection.ask()
        connection.channel.pipeline.fireErrorCaught(HTTPParserError.headerOverflow)
        #expect(try connection.heads().isEmpty)
        try connection.answer()
        #expect(try connection.heads().map(\.status) == [.ok])
        try connection.answer()
        let heads = try connection.heads()
        #expect(heads.map(\.status) == [.ok, .requestHeaderFieldsTooLarge])
        #expect(
            heads[1].headers["connection"] == ["close"] && heads[1].headers["x-content-type-options"] == ["nosniff"]
        )
        try connection.answer(.badRequest)
        #expect(try connection.written().isEmpty, "the server's own answer to it is dropped")
    }

    @Test("A body that breaks off is told to whoever reads it, and answered here")
    func broken() throws {
        let connection = try Connection()
        try connection.ask(.POST, [("Transfer-Encoding", "chunked")], isWhole: false)
        connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        #expect(connection.caught.count == 1)
        #expect(try connection.heads().map(\.status) == [.badRequest])
    }

    @Test("A body has to bring a kilobyte in five seconds, and to be whole after thirty")
    func pace() throws {
        for (bytes, seconds) in [(0, 5), (1_023, 5), (1_024, 30), (100_000, 30)] {
            let connection = try Connection()
            let loop = connection.channel.embeddedEventLoop
            try connection.ask(.POST, [("Transfer-Encoding", "chunked")], isWhole: false)
            for second in 1...seconds {
                #expect(try connection.heads().isEmpty, "\(bytes) bytes, second \(second)")
                if second % 5 == 3 {
                    let piece = ByteBuffer(repeating: 0x61, count: bytes)
                    try connection.channel.writeInbound(HTTPServerRequestPart.body(piece))
                }
                loop.advanceTime(by: .seconds(1))
            }
            #expect(try connection.heads().map(\.status) == [.requestTimeout], "\(bytes) bytes")
            #expect(connection.caught.count == 1)
        }
    }

    @Test("A body that came in time is not given up later, and the connection goes on")
    func inTime() throws {
        let connection = try Connection()
        try connection.ask(.POST, [("Content-Length", "5")], isWhole: false)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        try connection.channel.writeInbound(HTTPServerRequestPart.end(nil))
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        try connection.answer()
        #expect(try connection.heads().map(\.status) == [.ok])
        #expect(connection.isOpen)
    }

    @Test("The last answer has two seconds to arrive, while what still comes is dropped")
    func lingering() throws {
        let connection = try Connection()
        try connection.ask(.POST, [("Content-Length", "5000")], isWhole: false)
        try connection.answer(.payloadTooLarge)
        #expect(try connection.heads().map { $0.headers["connection"] } == [["close"]])
        try connection.channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "more")))
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        #expect(!connection.isOpen)
    }

    @Test("An answer that comes before the end of its request ends the timing of its body")
    func earlyAnswer() throws {
        let connection = try Connection()
        let loop = connection.channel.embeddedEventLoop
        try connection.ask(.POST, [("Transfer-Encoding", "chunked")], isWhole: false)
        loop.advanceTime(by: .milliseconds(4_500))
        try connection.answer(.payloadTooLarge)
        #expect(try connection.heads().map(\.status) == [.payloadTooLarge])
        // The end of the interval falls into the two seconds in which the answer arrives.
        loop.advanceTime(by: .seconds(1))
        #expect(try connection.written().isEmpty)
        connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        #expect(try connection.written().isEmpty)
        loop.advanceTime(by: .seconds(2))
        #expect(!connection.isOpen)
    }

    @Test("No answer to HEAD has a body, whoever gives it and however late it is refused")
    func refusedHead() throws {
        func parts(_ refuse: (Connection) throws -> Void) throws -> [HTTPServerResponsePart] {
            let connection = try Connection()
            try refuse(connection)
            let written = try connection.written()
            #expect(written.contains { if case .head = $0 { true } else { false } }, "it is answered")
            return written
        }
        let refusals: [(Connection) throws -> Void] = [
            { try $0.ask(.HEAD, [("Host", "other")]) }, { try $0.ask(.HEAD, [("Expect", "tea")]) },
            {
                try $0.ask(.HEAD, [("Transfer-Encoding", "chunked")], isWhole: false)
                $0.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
            },
            {
                try $0.ask(.HEAD, [("Content-Length", "5")], isWhole: false)
                $0.channel.embeddedEventLoop.advanceTime(by: .seconds(5))
            },
            // Nobody knows what it was.
            { $0.channel.pipeline.fireErrorCaught(HTTPParserError.headerOverflow) },
        ]
        for refuse in refusals {
            let written = try parts(refuse)
            #expect(!written.contains { if case .body = $0 { true } else { false } })
        }
    }

    @Test("Long heads do not wait behind each other")
    func longHeads() throws {
        let connection = try Connection()
        let long = ("Cookie", String(repeating: "a", count: 9_000))
        try connection.ask(.GET, [long])
        try connection.ask(.GET, [long])
        #expect(connection.isOpen, "one behind another one may")
        try? connection.ask(.GET, [long])
        #expect(!connection.isOpen)
    }
}
