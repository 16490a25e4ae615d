import Accounts
import HTTPTypes
import Hummingbird
import OneTimePassword
import Secrets
import Storage
import Testing

@testable import Portal

@Suite("Whole requests", .timeLimit(.minutes(2)))
struct RequestTests {
    struct Route: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        let status: HTTPResponse.Status
        var testDescription: String { "\(method) \(path)" }

        init(_ method: HTTPRequest.Method, _ path: String, _ status: HTTPResponse.Status) {
            self.method = method
            self.path = path
            self.status = status
        }

        /// Without a session.
        static let all = [
            Route(.get, "/", .seeOther), Route(.get, "/healthz", .ok), Route(.get, "/readyz", .ok),
            Route(.get, "/static/style.css", .ok), Route(.get, "/static/none.css", .notFound),
            Route(.get, "/static/..%2f..%2fetc%2fpasswd", .notFound), Route(.get, "/sign-in", .ok),
            Route(.head, "/sign-in", .ok), Route(.get, "/sign-in/token", .seeOther),
            Route(.get, "/sign-in/enrol", .seeOther), Route(.get, "/sign-in/password", .seeOther),
            Route(.get, "/own", .seeOther), Route(.get, "/accounts/details", .seeOther),
            Route(.get, "/accounts/details/two-factor", .seeOther), Route(.get, "/welcome?token=x", .gone),
            Route(.get, "/invitation/x", .gone), Route(.get, "/nothing", .notFound),
            Route(.get, "/agent/v1/me", .unauthorized), Route(.post, "/agent/v1/sign-in", .unprocessableContent),
            Route(.post, "/sign-in", .unprocessableContent), Route(.post, "/own/profile", .seeOther),
            Route(.get, "/sign-in?a=%zz", .unprocessableContent),
        ]
    }

    @Test("Every answer carries the headers that keep a page to itself (G)", arguments: Route.all)
    func securityHeaders(route: Route) async throws {
        let answer = try await TestPortal(publicURL: "https://portal.example.com").send(route.method, route.path)
        #expect(answer.status == route.status)
        let policy = try #require(answer.header("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Referrer-Policy") == "same-origin")
        #expect(answer.header("Strict-Transport-Security") != nil)
        let isStatic = route.status == .ok && route.path.hasPrefix("/static/")
        #expect(answer.header("Cache-Control") == (isStatic ? "public, max-age=31536000, immutable" : "no-store"))
        if let location = answer.location { #expect(LocalPath.checked(location) != nil) }
    }

    @Test("Over http there is no Strict-Transport-Security")
    func plain() async throws {
        #expect(try await TestPortal().send(.get, "/sign-in").header("Strict-Transport-Security") == nil)
    }

    struct Origin: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let headers: [(String, String)]
        let isTaken: Bool

        static let all = [
            Origin(testDescription: "own page", headers: [("Sec-Fetch-Site", "same-origin")], isTaken: true),
            Origin(testDescription: "typed", headers: [("Sec-Fetch-Site", "none")], isTaken: true),
            Origin(testDescription: "neighbour", headers: [("Sec-Fetch-Site", "same-site")], isTaken: false),
            Origin(testDescription: "stranger", headers: [("Sec-Fetch-Site", "cross-site")], isTaken: false),
            Origin(
                testDescription: "stranger with our origin",
                headers: [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost:8080")],
                isTaken: false
            ),
            Origin(testDescription: "old browser", headers: [("Origin", "http://localhost:8080")], isTaken: true),
            Origin(testDescription: "other origin", headers: [("Origin", "https://evil.example")], isTaken: false),
            Origin(testDescription: "origin null", headers: [("Origin", "null")], isTaken: false),
            Origin(testDescription: "a program", headers: [], isTaken: true),
        ]
    }

    @Test("A form of another site is refused, and the answer names the portal's address", arguments: Origin.all)
    func crossSite(origin: Origin) async throws {
        let portal = try await TestPortal()
        for path in ["/sign-in", "/sign-out"] {
            let answer = try await portal.send(.post, path, headers: origin.headers)
            #expect((answer.status == .forbidden) == !origin.isTaken, "\(path)")
            guard !origin.isTaken else { continue }
            #expect(answer.codes == ["cross_site"])
            #expect(answer.body.contains("http://localhost:8080"))
        }
    }

    @Test("A body over 64 KiB is too large, one of another kind is refused")
    func bodies() async throws {
        let portal = try await TestPortal()
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        let large = "login=" + String(repeating: "a", count: 64 * 1024)
        #expect(try await portal.send(.post, "/sign-in", headers: [type], body: large).status == .contentTooLarge)
        let json = try await portal.send(.post, "/sign-in", headers: [("Content-Type", "application/json")], body: "{}")
        #expect(json.status == .unprocessableContent)
        #expect(json.codes == ["form_refused"])
    }

    @Test("What an address says is shown as text, never as a page's own", arguments: ["%3Cscript%3E", "%22%3E%3Cimg"])
    func reflected(text: String) async throws {
        let portal = try await TestPortal()
        for path in ["/sign-in?return_to=/\(text)", "/\(text)", "/welcome?token=\(text)", "/invitation/\(text)"] {
            let answer = try await portal.send(.get, path)
            #expect(!answer.body.contains("<script>") && !answer.body.contains("\"><img"), "\(path)")
        }
    }

    @Test("An error page shows an operation and no cause; a program gets problem details")
    func errors() async throws {
        let portal = try await TestPortal()
        let page = try await portal.send(.get, "/nothing")
        #expect(page.body.contains("data-operation-id=\""))
        #expect(page.codes == ["not_found"])
        let problem = try await portal.send(.get, "/agent/v1/nothing")
        #expect(problem.status == .notFound)
        #expect(problem.headers[.contentType] == "application/problem+json")
        #expect(problem.body.contains("\"code\":\"not_found\""))

        // A store that has gone away is no wrong password and no way in.
        _ = try await portal.makeAccount()
        portal.database.close()
        let broken = try await portal.giveRightPassword()
        #expect(broken.status.code >= 500)
        #expect(broken.codes == ["unavailable"])
        #expect(broken.cookies.isEmpty)
        #expect(!broken.body.lowercased().contains("sqlite"))
    }
}
