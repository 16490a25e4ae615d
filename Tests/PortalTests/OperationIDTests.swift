import Secrets
import Testing

@testable import Portal

@Suite("Operation ids")
struct OperationIDTests {
    @Test("An id reads as it was written, with the node's name or without")
    func roundTrip() throws {
        let ids = OperationIDs(node: "web1")
        for _ in 1...2_000 {
            let id = ids.next()
            let text = id.text("web1")
            #expect(text.hasPrefix("web1-") && text.utf8.count == 31)
            #expect(OperationID(text) == id)
            #expect(OperationID(text.dropFirst(5)) == id)
            #expect(OperationID(id.text("another2")) == id)
        }
        for id in [
            OperationID(high: 0, low: 0), OperationID(high: .max, low: .max), OperationID(high: 1, low: 1 << 59),
        ] {
            #expect(OperationID(id.text("n")) == id)
        }
    }

    @Test(
        "What is none is none",
        arguments: ["", "web1-", "zz", "1", "web1-00000000000000000000000000x", "web1_00000000000000000000000000"]
            + ["8zzzzzzzzzzzzzzzzzzzzzzzzz", "web1-0000000000000000000000000Z", String(repeating: "a", count: 200)]
            + ["web1-0000000000000000000000000\u{301}"]
    )
    func refused(text: String) {
        #expect(OperationID(text) == nil)
    }

    @Test("Ids have 128 bits that nobody guesses from others: no two share their first or last quarter")
    func unguessable() {
        let ids = OperationIDs(node: "n")
        let made = (0..<1_000).map { _ in ids.next() }
        for bits in [{ $0.high >> 32 }, { $0.high & 0xffff_ffff }, { $0.low >> 32 }, { $0.low & 0xffff_ffff }]
            as [(OperationID) -> UInt64]
        {
            #expect(Set(made.map(bits)).count > 990)
        }
    }

    @Test("The node's name is short and says no more than a label")
    func node() {
        let node = OperationIDs().node
        #expect((1...16).contains(node.utf8.count))
        #expect(node.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) })
    }

    @Test(
        "Of a set of machines each has a name of its own",
        arguments: [
            ("countersign-6c8f7d9b5c-x2k4p.internal", "n6c8f7d9b5cx2k4p"), ("WEB-1", "web1"), ("", "node"),
            ("\u{e4}\u{f6}", "node"),
        ]
    )
    func hosts(host: String, name: String) {
        #expect(OperationIDs.name(of: host) == name)
    }
}
