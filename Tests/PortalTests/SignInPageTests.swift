import Accounts
import HTTPTypes
import Hummingbird
import OneTimePassword
import Secrets
import Testing

@testable import Portal

@Suite("Signing in, page by page", .timeLimit(.minutes(2)))
struct SignInPageTests {
    @Test("The first page has the fields Login and Password and the button Log In (S-14)")
    func firstPage() async throws {
        let body = try await TestPortal().send(.get, "/sign-in?return_to=https://evil.example").body
        #expect(body.contains(/<label for="login">Login<\/label>/))
        #expect(body.contains(/<label for="password">Password<\/label>/))
        #expect(body.contains(/<button[^>]*>Log In<\/button>/))
        #expect(body.contains("name=\"return_to\" value=\"/\""))
    }

    @Test("Who has not configured two-factor signs in with login and password only (S-03)")
    func passwordOnly() async throws {
        let portal = try await TestPortal()
        _ = try await portal.makeAccount()
        let answer = try await portal.post(
            "/sign-in",
            [("login", "ANA"), ("password", TestPortal.password), ("return_to", "/accounts/details?x=1")]
        )
        #expect(answer.status == .seeOther)
        #expect(answer.location == "/accounts/details?x=1")
        #expect(answer.cookies.count { $0.hasPrefix("countersign_session=csps_") } == 1)
        #expect(try await portal.send(.get, "/accounts/details").status == .ok)
    }

    @Test("A session in use outlives the idle limit, one that rests does not (S-23)")
    func idle() async throws {
        let portal = try await TestPortal()
        _ = try await portal.makeAccount()
        _ = try await portal.giveRightPassword()
        for _ in 1...3 {
            portal.clock.advance(50 * 60)
            #expect(try await portal.send(.get, "/own").status == .ok)
        }
        portal.clock.advance(60 * 60)
        #expect(try await portal.send(.get, "/own").location == "/sign-in?return_to=/own")
    }

    @Test("The page of a refused token points at its field and says what to type (S-24)")
    func tokenField() async throws {
        let portal = try await TestPortal()
        let user = try await portal.makeAccount()
        _ = try await portal.configure(user)
        _ = try await portal.giveRightPassword()
        for (typed, todo) in [("12345", "A token has six digits."), ("000000", "Type the next one.")] {
            let page = try await portal.post("/sign-in/token", [("token", typed)]).body
            #expect(page.contains("aria-describedby=\"token-error\"") && page.contains(todo), "\(typed)")
        }
    }

    @Test("Unknown login and wrong password get the same page and no cookie (S-02)")
    func refused() async throws {
        let portal = try await TestPortal()
        _ = try await portal.makeAccount()
        var pages: Set<String> = []
        for login in ["ana", "bob"] {
            let answer = try await portal.post("/sign-in", [("login", login), ("password", "wrong")])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.codes == ["credentials_refused"])
            #expect(answer.cookies.isEmpty)
            let body = answer.body.replacing(login, with: "LOGIN")
            pages.insert(body.replacing(/data-operation-id.*<\/code>/, with: ""))
        }
        #expect(pages.count == 1)
    }

    @Test("After login and password comes the TOTP token; between the two no page opens (S-02, S-24, INV-4)")
    func token() async throws {
        let portal = try await TestPortal()
        let user = try await portal.makeAccount()
        let secret = try await portal.configure(user)
        let first = try await portal.giveRightPassword()
        #expect(first.location == "/sign-in/token")
        #expect(first.cookies.count == 1)
        #expect(first.cookies.first?.hasPrefix("countersign_attempt=csat_") == true)
        for path in ["/", "/own", "/accounts/details", "/own/recovery-codes"] {
            let answer = try await portal.send(.get, path)
            #expect(answer.status == .seeOther)
            #expect(answer.location?.hasPrefix("/sign-in") == true)
        }
        let page = try await portal.send(.get, "/sign-in/token")
        #expect(page.status == .ok)
        #expect(page.body.contains(/>Two Factor Authentication<\/h1>/))
        #expect(page.body.contains(/>TOTP token<\/label>/))
        #expect(page.body.contains(/<button[^>]*>Authenticate<\/button>/))

        // The step of configuring is spent: the same code is refused, the next one passes (S-05).
        let spent = try await portal.post("/sign-in/token", [("token", portal.code(secret))])
        #expect(spent.status == .unprocessableContent)
        #expect(spent.codes == ["token_refused"])
        portal.clock.advance(30)
        let answer = try await portal.post("/sign-in/token", [("token", portal.code(secret))])
        #expect(answer.status == .seeOther)
        #expect(answer.cookies.count { $0.hasPrefix("countersign_session=csps_") } == 1)
        #expect(answer.headers[values: .setCookie].contains { $0.hasPrefix("countersign_attempt=;") })
        #expect(try await portal.send(.get, "/own").status == .ok)

        // Logging out ends the session at once (S-23).
        #expect(try await portal.post("/sign-out").location == "/sign-in")
        #expect(try await portal.send(.get, "/own").status == .seeOther)
    }

    @Test("The token step belongs to the browser that gave the password, for ten minutes (S-25)")
    func boundToBrowser() async throws {
        let portal = try await TestPortal()
        let secret = try await portal.configure(try await portal.makeAccount())
        _ = try await portal.giveRightPassword()
        portal.clock.advance(600)
        let late = try await portal.post("/sign-in/token", [("token", portal.code(secret))])
        #expect(late.location == "/sign-in")
        #expect(try await portal.send(.get, "/sign-in").codes == ["attempt_expired"])

        _ = try await portal.giveRightPassword()
        portal.forgetCookies()
        portal.clock.advance(30)
        let other = try await portal.post("/sign-in/token", [("token", portal.code(secret))])
        #expect(other.location == "/sign-in")
        #expect(!other.cookies.contains { $0.hasPrefix("countersign_session") })
    }

    @Test(
        "Five wrong tokens end the attempt; ten in a quarter of an hour end the guessing, for a right one as well (S-26)"
    )
    func guessing() async throws {
        let portal = try await TestPortal()
        let secret = try await portal.configure(try await portal.makeAccount())
        portal.clock.advance(30)
        let right = portal.code(secret)
        let wrong = right == "000000" ? "000001" : "000000"
        var judged = 0
        for _ in 0..<2 {
            _ = try await portal.giveRightPassword()
            for number in 1...5 {
                let answer = try await portal.post("/sign-in/token", [("token", wrong)])
                #expect(answer.status == (number < 5 ? .unprocessableContent : .seeOther))
                judged += 1
            }
        }
        #expect(judged == 10)
        #expect(try await portal.giveRightPassword().location == "/sign-in/token")
        let limited = try await portal.post("/sign-in/token", [("token", right)])
        #expect(limited.status == .tooManyRequests)
        #expect(limited.header("Retry-After").flatMap { Int($0) }.map { (1...900).contains($0) } == true)
        #expect(limited.codes == ["too_many_attempts"])
        // Agents are not shut out by it.
        let body = "{\"login\":\"ana\",\"password\":\"\(TestPortal.password)\"}"
        #expect(try await portal.send(.post, "/agent/v1/sign-in", body: body).status == .ok)
    }

    @Test("An agent signs in by login and password, configured or not, and opens no page with it (S-07, S-08a, S-08b)")
    func agent() async throws {
        let portal = try await TestPortal()
        let user = try await portal.makeAccount()
        _ = try await portal.configure(user)
        let right = "{\"login\":\"ana\",\"password\":\"\(TestPortal.password)\",\"unknown\":1}"
        let answer = try await portal.send(.post, "/agent/v1/sign-in", body: right)
        #expect(answer.status == .ok)
        #expect(answer.cookies.isEmpty)
        let token = try #require(answer.body.firstMatch(of: /"token":"(csag_[^"]+)"/)).1
        let bearer = ("Authorization", "Bearer \(token)")
        #expect(try await portal.send(.get, "/agent/v1/me", headers: [bearer]).status == .ok)
        for name in ["countersign_session", "countersign_attempt"] {
            let headers = [bearer, ("Cookie", "\(name)=\(token)")]
            for path in ["/own", "/accounts/details", "/sign-in/token"] {
                #expect(try await portal.send(.get, path, headers: headers).status == .seeOther, "\(path)")
            }
        }
        let wrong = try await portal.send(.post, "/agent/v1/sign-in", body: "{\"login\":\"ana\",\"password\":\"no\"}")
        #expect(wrong.status == .unauthorized)
        #expect(wrong.body.contains("\"code\":\"credentials_refused\""))
        // The other direction: a portal session is no agent's.
        portal.forgetCookies()
        _ = try await portal.giveRightPassword()
        #expect(try await portal.send(.get, "/agent/v1/me").status == .unauthorized)
    }
}
