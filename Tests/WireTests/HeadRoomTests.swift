import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Wire

@Suite("Heads that do not end")
struct HeadRoomTests {
    static func connection(
        _ shares: MemoryShares,
        _ connections: OpenConnections? = nil,
        on loop: EmbeddedEventLoop = EmbeddedEventLoop()
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        let room = HeadRoom(shares)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(room)
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
        try pipeline.addHandler(
            ConnectionRules(
                maximumBody: 1_000,
                room: room,
                connections: connections ?? OpenConnections(maximum: 1_000, loopCount: 1),
                idleLimit: .seconds(75),
                fields: [:]
            )
        )
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    static func send(_ text: String, _ channel: EmbeddedChannel) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    private static let start = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: "

    @Test("The oldest gives way when they take too much together")
    func oldest() throws {
        let shares = MemoryShares(.init(total: 1_000, each: 1_000, least: 10))
        let (first, second) = (try Self.connection(shares), try Self.connection(shares))
        try Self.send(Self.start + String(repeating: "a", count: 300), first)
        try Self.send(Self.start + String(repeating: "a", count: 300), second)
        #expect(first.isActive && second.isActive)
        try Self.send(String(repeating: "a", count: 400), second)
        first.embeddedEventLoop.run()
        #expect(!first.isActive && second.isActive)
        try Self.send("\r\n\r\n", second)
        #expect(second.isActive)
        let third = try Self.connection(shares)
        try Self.send(Self.start + String(repeating: "a", count: 800), third)
        #expect(third.isActive && second.isActive, "a whole head counts no more")
    }

    @Test("Connections that say nothing are bounded in number, and one that has asked is none of them")
    func silent() throws {
        let shares = MemoryShares(.init(total: 100, each: 100, least: 10))
        let working = try Self.connection(shares)
        try Self.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", working)
        let silent = try (1...11).map { _ in try Self.connection(shares) }
        silent[0].embeddedEventLoop.run()
        #expect(silent.filter(\.isActive).count == 10 && !silent[0].isActive)
        #expect(working.isActive)
    }

    @Test("A long head counts until it is answered, a short one does not")
    func unanswered() throws {
        let shares = MemoryShares(.init(total: 30_000, each: 30_000, least: 10))
        func asking(_ length: Int) throws -> EmbeddedChannel {
            let channel = try Self.connection(shares)
            try Self.send(Self.start + String(repeating: "a", count: length) + "\r\n\r\n", channel)
            return channel
        }
        let short = try (1...20).map { _ in try asking(7_000) }
        #expect(short.allSatisfy { $0.isActive })
        let long = try (1...3).map { _ in try asking(12_000) }
        long[0].embeddedEventLoop.run()
        #expect(long.map(\.isActive) == [false, true, true])
        try long[1].writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .noContent)))
        try long[1].writeOutbound(HTTPServerResponsePart.end(nil))
        #expect(try asking(12_000).isActive)
        #expect(long[2].isActive, "there was room again")
    }

    @Test("When there are too many connections the one that has been idle for the longest makes room")
    func idle() throws {
        let loop = EmbeddedEventLoop()
        let shares = MemoryShares(.init(total: 1_000_000, each: 1_000_000, least: 10))
        let connections = OpenConnections(maximum: 5, loopCount: 1)
        let all = try (1...5).map { _ in
            loop.advanceTime(by: .milliseconds(1))
            return try Self.connection(shares, connections, on: loop)
        }
        loop.advanceTime(by: .milliseconds(1))
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        // The first two wait for an answer; the third is the last to have got one.
        for channel in all[0...2] { try Self.send(request, channel) }
        try all[2].writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .noContent)))
        try all[2].writeOutbound(HTTPServerResponsePart.end(nil))
        for expected in [
            [true, true, true, false, true], [true, true, true, false, false], [true, true, false, false, false],
        ] {
            let new = try Self.connection(shares, connections, on: loop)
            loop.run()
            #expect(all.map(\.isActive) == expected)
            try Self.send(request, new)
            loop.advanceTime(by: .milliseconds(1))
        }
    }
}
