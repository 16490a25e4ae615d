import NIOEmbedded
import Testing

@testable import Portal

@Suite("Answers of one turn of an event loop")
struct TurnFlushTests {
    @Test("They are sent together at its end, in their order, and what comes meanwhile at the end of the next")
    func turns() {
        let loop = EmbeddedEventLoop()
        let flush = TurnFlush(loop)
        var sent: [String] = []
        flush.atEnd {
            sent.append("first")
            flush.atEnd { sent.append("third") }
        }
        flush.atEnd { sent.append("second") }
        #expect(sent.isEmpty)
        loop.run()
        #expect(sent == ["first", "second", "third"])
        flush.atEnd { sent.append("fourth") }
        #expect(sent.count == 3)
        loop.run()
        #expect(sent.last == "fourth")
    }
}
