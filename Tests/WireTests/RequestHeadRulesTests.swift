import NIOHTTP1
import Testing

@testable import Wire

@Suite("The head of a request")
struct RequestHeadRulesTests {
    private static func verdict(
        _ headers: [(String, String)],
        version: HTTPVersion = .http1_1,
        uri: String = "/"
    ) -> RequestHeadRules.Verdict {
        let head = HTTPRequestHead(version: version, method: .GET, uri: uri, headers: HTTPHeaders(headers))
        guard case .accepted(var traits) = RequestHeadRules.judge(head, maximumBody: 1_000) else {
            return RequestHeadRules.judge(head, maximumBody: 1_000)
        }
        #expect(traits.bytes >= uri.utf8.count + headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count })
        traits.bytes = 0
        return .accepted(traits)
    }

    private static let host = ("Host", "portal.example.com")

    @Test(
        "There is one host, and its name is read in one way",
        arguments: [
            ([], false), (["a"], true), (["a", "a"], false), (["a", "b"], false), (["a, b"], false), (["a b"], false),
            (["a/b"], false), (["u@a"], false), (["a:8443"], true), (["[::1]"], true), (["a_b.example."], true),
            ([""], true),
            (["é"], false),
        ] as [([String], Bool)]
    )
    func hosts(hosts: [String], isAccepted: Bool) {
        let verdict = Self.verdict(hosts.map { ("Host", $0) })
        #expect(verdict == (isAccepted ? .accepted(RequestTraits()) : .refused(.malformed)))
    }

    @Test("HTTP/1.0 needs no host, has no two, and its answer ends the connection")
    func old() {
        let traits = RequestTraits(isOld: true, isLast: true)
        #expect(Self.verdict([], version: .http1_0) == .accepted(traits))
        #expect(Self.verdict([("Connection", "keep-alive")], version: .http1_0) == .accepted(traits))
        #expect(Self.verdict([("Host", "a"), ("Host", "a")], version: .http1_0) == .refused(.malformed))
        #expect(Self.verdict([("Transfer-Encoding", "chunked")], version: .http1_0) == .refused(.malformed))
        #expect(Self.verdict([Self.host], version: HTTPVersion(major: 2, minor: 0)) == .refused(.malformed))
    }

    @Test(
        "Nothing is read behind a request that says so, nor behind one for another protocol",
        arguments: [
            ("Connection", "close"), ("Connection", "Close"), ("Connection", "te, close"), ("Upgrade", "websocket"),
        ]
    )
    func last(name: String, value: String) {
        #expect(Self.verdict([Self.host, (name, value)]) == .accepted(RequestTraits(isLast: true)))
    }

    @Test("A body is announced by its length or by chunks, never by both")
    func bodies() {
        #expect(Self.verdict([Self.host, ("Content-Length", "0")]) == .accepted(RequestTraits()))
        #expect(Self.verdict([Self.host, ("Content-Length", "5")]) == .accepted(RequestTraits(hasBody: true)))
        let chunked = ("Transfer-Encoding", "chunked")
        #expect(Self.verdict([Self.host, chunked]) == .accepted(RequestTraits(hasBody: true)))
        #expect(Self.verdict([Self.host, chunked, ("Content-Length", "5")]) == .refused(.malformed))
        for coding in ["gzip, chunked", "chunked, gzip", "gzip", "chunked, chunked", ""] {
            #expect(Self.verdict([Self.host, ("Transfer-Encoding", coding)]) == .refused(.malformed), "\(coding)")
        }
        #expect(Self.verdict([Self.host, chunked, chunked]) == .refused(.malformed))
    }

    @Test(
        "A client is told to go on where a body is expected that will be taken",
        arguments: [
            ("100-continue", 1_000, true), ("100-Continue", 5, true), ("100-continue", 1_001, false),
            ("100-continue", 0, false),
        ]
    )
    func expectation(value: String, length: Int, isToldSo: Bool) {
        let verdict = Self.verdict([Self.host, ("Expect", value), ("Content-Length", String(length))])
        #expect(verdict == .accepted(RequestTraits(hasBody: length > 0, expectsContinue: isToldSo)))
    }

    @Test("Another expectation is refused")
    func otherExpectation() {
        #expect(Self.verdict([Self.host, ("Expect", "tea")]) == .refused(.unknownExpectation))
        #expect(Self.verdict([Self.host, ("Expect", "100-continue, tea")]) == .refused(.unknownExpectation))
    }

    @Test("A text whose normalisation would take long is refused, in the path and in every header")
    func marks() {
        let marks = "a" + String(repeating: "\u{301}\u{316}", count: 16)
        #expect(Self.verdict([Self.host], uri: "/" + marks) == .refused(.malformed))
        for name in ["Cookie", "User-Agent", "X-Forwarded-For", "X-Original-URL", "X-Anything"] {
            #expect(Self.verdict([Self.host, (name, marks)]) == .refused(.malformed), "\(name)")
            #expect(Self.verdict([Self.host, (name, "Zoe\u{308}")]) == .accepted(RequestTraits()), "\(name)")
        }
    }
}
