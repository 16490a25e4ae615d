import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Wire

@Suite("Heads that do not end")
struct HeadRoomTests {
    private static func connection(_ shares: MemoryShares) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let room = HeadRoom(shares)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(room)
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
        try pipeline.addHandler(ConnectionRules(maximumBody: 1_000, room: room, fields: [:]))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private static func send(_ text: String, _ channel: EmbeddedChannel) throws {
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
}
