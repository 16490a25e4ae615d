import Hummingbird
import Secrets
import Testing

@testable import Portal

@Suite("Cookies and the portal's address")
struct CookieTests {
    private let plain = PortalCookies(isHTTPS: false)
    private let secure = PortalCookies(isHTTPS: true)

    @Test("Every cookie is HttpOnly, SameSite=Lax and of this host; with https Secure and __Host- as well")
    func attributes() {
        #expect(plain.set(.session, "v") == "countersign_session=v; Path=/; HttpOnly; SameSite=Lax")
        #expect(secure.set(.attempt, "v") == "__Host-countersign_attempt=v; Path=/; HttpOnly; SameSite=Lax; Secure")
        #expect(plain.clear(.notice) == "countersign_notice=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
        #expect(
            secure.clear(.session) == "__Host-countersign_session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let headers: [String]
        let value: String?
        var testDescription: String { headers.joined(separator: " | ") }

        init(_ headers: String..., value: String?) {
            self.headers = headers
            self.value = value
        }

        static let all = [
            Case(value: nil),
            Case("countersign_session=a", value: "a"),
            Case("x=1; countersign_session=a; y=2", value: "a"),
            Case("x=1;countersign_session=a", value: "a"),
            Case("countersign_session=a=b", value: "a=b"),
            Case("countersign_session=a", "countersign_session=a", value: "a"),
            // One of them was planted, and nobody can tell which.
            Case("countersign_session=a; countersign_session=b", value: nil),
            Case("countersign_session=a", "countersign_session=b", value: nil),
            Case("xcountersign_session=a", value: nil),
            Case("Countersign_session=a", value: nil),
            Case("__Host-countersign_session=a", value: nil),
            Case("countersign_session", value: nil),
        ]
    }

    @Test("A cookie counts under its exact name, and not at all when it comes with two values", arguments: Case.all)
    func values(example: Case) {
        let request = Request.made(headers: example.headers.map { ("Cookie", $0) })
        #expect(plain.value(.session, in: request) == example.value)
    }

    @Test("With https a cookie without the prefix is nobody's: any neighbouring host could have set it")
    func prefix() {
        let request = Request.made(headers: [("Cookie", "countersign_session=a; __Host-countersign_session=b")])
        #expect(secure.value(.session, in: request) == "b")
        #expect(plain.value(.session, in: request) == "a")
    }

    @Test("A token of another kind in a cookie is none (S-08a, S-25)")
    func kinds() {
        let agent = BearerToken(kind: .agentSession, random: SystemRandomSource())
        let attempt = BearerToken(kind: .attempt, random: SystemRandomSource())
        for token in [agent, attempt] {
            let request = Request.made(headers: [("Cookie", "countersign_session=\(token.text)")])
            #expect(plain.token(.portalSession, in: request) == nil)
        }
        let request = Request.made(headers: [("Cookie", "countersign_attempt=\(attempt.text)")])
        #expect(plain.token(.attempt, in: request) == attempt)
    }

    struct Address: Sendable, CustomTestStringConvertible {
        let text: String
        let origin: String?
        var isHTTPS = false
        var testDescription: String { text }

        static let all = [
            Address(text: "http://localhost:8080", origin: "http://localhost:8080"),
            Address(text: "https://Portal.Example.com/", origin: "https://portal.example.com", isHTTPS: true),
            Address(text: "https://portal.example.com:443", origin: "https://portal.example.com", isHTTPS: true),
            Address(text: "https://portal.example.com:8443", origin: "https://portal.example.com:8443", isHTTPS: true),
            Address(text: "http://portal.example.com:80/", origin: "http://portal.example.com"),
            Address(text: "http://portal.example.com:443", origin: "http://portal.example.com:443"),
            Address(text: "http://[::1]:8080", origin: "http://[::1]:8080"),
            Address(text: "portal.example.com", origin: nil),
            Address(text: "ftp://portal.example.com", origin: nil),
            Address(text: "https://", origin: nil),
            Address(text: "https://portal.example.com/path", origin: nil),
            Address(text: "https://user@portal.example.com", origin: nil),
            Address(text: "https://portal.example.com?a", origin: nil),
            Address(text: "https://portal example.com", origin: nil),
            Address(text: "https://portal.example.com//", origin: nil),
        ]
    }

    @Test("The public address is an origin, written as a browser writes it in Origin", arguments: Address.all)
    func publicURL(example: Address) {
        let url = PublicURL(example.text)
        #expect(url?.origin == example.origin)
        if let url { #expect(url.isHTTPS == example.isHTTPS) }
    }
}
