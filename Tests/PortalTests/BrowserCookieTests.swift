import Accounts
import Secrets
import SignIn
import Testing

@testable import Portal

@Suite("What a browser keeps of those who signed in there")
struct BrowserCookieTests {
    private static func token() -> BearerToken { BearerToken(kind: .knownBrowser, random: SystemRandomSource()) }
    private static func user() -> User.ID { User.ID(random: SystemRandomSource()) }

    @Test("One value a login, the newest first, four at the most")
    func values() {
        let people = (0..<6).map { _ in Self.user() }
        var cookie: String?
        var tokens: [BearerToken] = []
        for user in people {
            let token = Self.token()
            tokens.insert(token, at: 0)
            cookie = BrowserCookie(cookie).adding(token, of: user)
        }
        #expect(BrowserCookie(cookie).digests == tokens.prefix(4).map(\.digest))
        let again = Self.token()
        let renewed = BrowserCookie(BrowserCookie(cookie).adding(again, of: people[3]))
        #expect(
            renewed.digests == [again, tokens[0], tokens[1], tokens[3]].map(\.digest),
            "in the place of the old one"
        )
    }

    @Test("No login and no id stands in it")
    func anonymous() {
        let user = Self.user()
        #expect(!BrowserCookie(nil).adding(Self.token(), of: user).contains(user.description.prefix(8)))
    }

    @Test(
        "What is no such value is left out",
        arguments: [
            "", ".", "-", "...", "x-y", "0123456789abcdef-cskb_short",
            "<script>alert(1)-cskb_" + String(repeating: "A", count: 43), String(repeating: "a", count: 10_000),
            "0123456789abcdef-csps_" + String(repeating: "A", count: 43),
        ]
    )
    func broken(text: String) {
        #expect(BrowserCookie(text).digests.isEmpty)
        let token = Self.token()
        #expect(BrowserCookie(BrowserCookie(text).adding(token, of: Self.user())).digests == [token.digest])
    }
}
