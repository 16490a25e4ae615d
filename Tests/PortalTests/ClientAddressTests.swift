import Hummingbird
import SignIn
import Testing

@testable import Portal

@Suite("Where a request comes from")
struct ClientAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let peer: String
        var forwarded: [String] = []
        var trusted: [String] = []
        let address: String
        /// Nil where no limit per address applies.
        var key: String? = "same"
        var isStranger = false

        static let all = [
            Case(testDescription: "no proxy", peer: "192.0.2.7", address: "192.0.2.7"),
            Case(
                testDescription: "a spoofed header from a stranger",
                peer: "192.0.2.7",
                forwarded: ["198.51.100.1"],
                address: "192.0.2.7",
                isStranger: true
            ),
            Case(
                testDescription: "one proxy",
                peer: "10.0.0.1",
                forwarded: ["198.51.100.1"],
                trusted: ["10.0.0.0/8"],
                address: "198.51.100.1"
            ),
            Case(
                testDescription: "a lie to the left of what the proxy saw",
                peer: "10.0.0.1",
                forwarded: ["127.0.0.1, 10.9.9.9, 198.51.100.1"],
                trusted: ["10.0.0.0/8"],
                address: "198.51.100.1"
            ),
            Case(
                testDescription: "two proxies and two headers",
                peer: "10.0.0.1",
                forwarded: ["1.1.1.1, 198.51.100.1", "10.0.0.2"],
                trusted: ["10.0.0.0/8"],
                address: "198.51.100.1"
            ),
            Case(
                testDescription: "nothing but proxies",
                peer: "10.0.0.1",
                forwarded: ["10.0.0.3,10.0.0.2"],
                trusted: ["10.0.0.0/8"],
                address: "10.0.0.3"
            ),
            Case(
                testDescription: "rubbish ends the reading",
                peer: "10.0.0.1",
                forwarded: ["198.51.100.1, unknown, 10.0.0.2"],
                trusted: ["10.0.0.0/8"],
                address: "10.0.0.2"
            ),
            Case(
                testDescription: "a trusted proxy without a header",
                peer: "10.0.0.1",
                trusted: ["10.0.0.0/8"],
                address: "10.0.0.1"
            ),
            Case(
                testDescription: "a client within IPv6",
                peer: "::ffff:10.0.0.1",
                forwarded: ["::ffff:198.51.100.1"],
                trusted: ["10.0.0.0/8"],
                address: "198.51.100.1"
            ),
            Case(
                testDescription: "a proxy on this machine that is not configured",
                peer: "127.0.0.1",
                forwarded: ["198.51.100.1"],
                address: "127.0.0.1",
                key: nil,
                isStranger: true
            ),
            Case(testDescription: "this machine itself", peer: "127.0.0.1", address: "127.0.0.1"),
        ]
    }

    @Test("The connection tells it, or the right end of what trusted proxies say (G)", arguments: Case.all)
    func source(example: Case) {
        let client = ClientAddress(trustedProxies: example.trusted.compactMap { AddressRange($0) })
        let headers = example.forwarded.map { ("X-Forwarded-For", $0) }
        let answer = client.source(of: .made(headers: headers), peer: IPAddress(example.peer))
        #expect(answer.source.address == example.address)
        #expect(answer.source.throttleKey == example.key.map { _ in example.address })
        #expect(answer.isForwardedByStranger == example.isStranger)
    }

    @Test("Without an address there is no limit per address; a user agent is cut to 200 characters")
    func edges() {
        let request = Request.made(headers: [("User-Agent", String(repeating: "x", count: 500))])
        let answer = ClientAddress(trustedProxies: []).source(of: request, peer: nil)
        #expect(answer.source.address == "")
        #expect(answer.source.throttleKey == nil)
        #expect(answer.source.userAgent.count == 200)
    }
}
