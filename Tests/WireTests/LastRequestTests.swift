import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Wire

@Suite("What comes behind a request")
struct LastRequestTests {
    /// Of each case its own: they run at the same time, and each has an event loop.
    private let shares = MemoryShares(.init(total: 100_000, each: 100_000, least: 10))
    private static let half = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "

    private static func answer(_ channel: EmbeddedChannel) throws {
        let head = HTTPResponseHead(version: .http1_1, status: .noContent)
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    @Test(
        "Whatever comes behind the last one takes no memory from others",
        arguments: [
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
            "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n",
        ],
        [false, true]
    )
    func last(request: String, isAnswered: Bool) throws {
        let waiting = try HeadRoomTests.connection(shares)
        try HeadRoomTests.send(Self.half, waiting)
        let attacker = try HeadRoomTests.connection(shares)
        try HeadRoomTests.send(request, attacker)
        if isAnswered { try Self.answer(attacker) }
        for _ in 0..<100 { try? HeadRoomTests.send(String(repeating: "a", count: 4_000), attacker) }
        waiting.embeddedEventLoop.run()
        #expect(waiting.isActive)
    }

    @Test(
        "A connection that sends and sends what is no request ends before it takes anything from others",
        arguments: [
            ("", "\r\n"),
            ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;", "a"),
        ]
    )
    func noise(beginning: String, more: String) throws {
        let waiting = try HeadRoomTests.connection(shares)
        try HeadRoomTests.send(Self.half, waiting)
        let attacker = try HeadRoomTests.connection(shares)
        try HeadRoomTests.send(beginning, attacker)
        for _ in 0..<100 where attacker.isActive {
            try? HeadRoomTests.send(String(repeating: more, count: 2_000), attacker)
        }
        waiting.embeddedEventLoop.run()
        #expect(waiting.isActive && !attacker.isActive)
    }
}
