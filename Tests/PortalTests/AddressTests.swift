import Testing

@testable import Portal

@Suite("Addresses and ranges")
struct AddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// The one spelling, nil for what is no address.
        let canonical: String?
        let key: String
        var testDescription: String { text }

        init(_ text: String, _ canonical: String?, key: String = "") {
            self.text = text
            self.canonical = canonical
            self.key = key
        }

        static let all = [
            Case("192.0.2.7", "192.0.2.7", key: "192.0.2.7"),
            Case("::ffff:192.0.2.7", "192.0.2.7", key: "192.0.2.7"),
            Case("::FFFF:c000:0207", "192.0.2.7", key: "192.0.2.7"),
            Case("0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7", key: "192.0.2.7"),
            Case("2001:db8::1", "2001:db8:0:0:0:0:0:1", key: "v6 20.1.d.b8.0.0.0.0"),
            Case("2001:0DB8:0:0:ffff:1:2:3", "2001:db8:0:0:ffff:1:2:3", key: "v6 20.1.d.b8.0.0.0.0"),
            Case("2001:db8:0:1::1", "2001:db8:0:1:0:0:0:1", key: "v6 20.1.d.b8.0.0.0.1"),
            Case("fe80::1%eth0", "fe80:0:0:0:0:0:0:1", key: "v6 fe.80.0.0.0.0.0.0"),
            Case("::1", "0:0:0:0:0:0:0:1", key: "v6 0.0.0.0.0.0.0.0"),
            Case("::", "0:0:0:0:0:0:0:0", key: "v6 0.0.0.0.0.0.0.0"),
            Case("", nil),
            Case("192.0.2", nil),
            Case("192.0.2.7.1", nil),
            Case("192.0.2.256", nil),
            Case("192.0.2.07", nil),
            Case("192.0.2.+7", nil),
            Case("192.0.2.٧", nil),
            Case("0x7f.0.0.1", nil),
            Case("2130706433", nil),
            Case("1::2::3", nil),
            Case("1:2:3:4:5:6:7", nil),
            Case("1:2:3:4:5:6:7:8:9", nil),
            Case("12345::", nil),
            Case("g::", nil),
            Case(":::", nil),
            Case("1:2:3:4:5:6:7:192.0.2.7", nil),
            Case("192.0.2.7::", nil),
            Case("1:192.0.2.7::1", nil),
            Case("localhost", nil),
            Case("[::1]", nil),
            Case("192.0.2.7:80", nil),
        ]
    }

    @Test("An address has one spelling; IPv4 within IPv6 is IPv4; a /64 counts as one (A08)", arguments: Case.all)
    func addresses(example: Case) {
        let address = IPAddress(example.text)
        #expect(address?.text == example.canonical)
        if let address { #expect(address.throttleKey == example.key) }
    }

    @Test("Loopback is told from the rest")
    func loopback() {
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(IPAddress(text)?.isLoopback == true, "\(text)")
        }
        for text in ["128.0.0.1", "::2", "::"] { #expect(IPAddress(text)?.isLoopback == false, "\(text)") }
    }

    struct Range: Sendable, CustomTestStringConvertible {
        let range: String
        let inside: [String]
        let outside: [String]
        var testDescription: String { range }

        static let all = [
            Range(range: "10.0.0.0/8", inside: ["10.1.2.3", "::ffff:10.1.2.3"], outside: ["11.0.0.0", "::a00:1"]),
            Range(range: "192.0.2.7", inside: ["192.0.2.7"], outside: ["192.0.2.8"]),
            Range(range: "192.0.2.128/25", inside: ["192.0.2.255"], outside: ["192.0.2.127"]),
            Range(range: "0.0.0.0/0", inside: ["255.1.1.1"], outside: ["::1"]),
            Range(range: "2001:db8::/33", inside: ["2001:db8:7fff::"], outside: ["2001:db8:8000::", "1.2.3.4"]),
            Range(range: "::1", inside: ["::1"], outside: ["127.0.0.1", "::2"]),
        ]
    }

    @Test("A range holds what its bits say and no other family", arguments: Range.all)
    func ranges(example: Range) throws {
        let range = try #require(AddressRange(example.range))
        for text in example.inside { #expect(range.contains(try #require(IPAddress(text))), "\(text)") }
        for text in example.outside { #expect(!range.contains(try #require(IPAddress(text))), "\(text)") }
    }

    @Test(
        "What is no range is refused",
        arguments: [
            "", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "a/8", "10.0.0.0/+8",
        ]
    )
    func noRange(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
