import Testing

@testable import Portal

@Suite("Where to go after signing in")
struct LocalPathTests {
    static let foreign = [
        "", "accounts", "https://evil.example", "https:/evil.example", "//evil.example", "///evil.example",
        "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/a\\..\\evil", "javascript:alert(1)",
        "data:text/html,x", " /accounts", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/a b",
        "/accounts\r\nSet-Cookie: a=b", "/é", "/a\u{0}", "/a\u{7f}", "/a\u{202e}b",
        "/" + String(repeating: "a", count: 2_000),
    ]

    @Test("What could leave this origin is no path of it (G10)", arguments: foreign)
    func refused(text: String) {
        #expect(LocalPath.checked(text) == nil)
        #expect(LocalPath.afterSignIn(text) == "/")
    }

    static let local = [
        "/", "/accounts/details", "/setup/users?page=2&q=a%20b", "/setup/users?u=https://evil.example", "/a//b",
        "/@evil",
        "/%2f%2fevil.example", "/a#b", "/.//evil",
    ]

    @Test("A path of this origin is taken as it is", arguments: local)
    func accepted(text: String) {
        #expect(LocalPath.checked(text) == text)
        #expect(LocalPath.afterSignIn(text) == text)
    }

    @Test(
        "Nobody is sent back into the ceremony",
        arguments: ["/sign-in", "/sign-in/token", "/sign-out", "/sign-in?a=b"]
    )
    func ceremony(text: String) {
        #expect(LocalPath.afterSignIn(text) == "/")
    }

    @Test("A path comes back out of a query as it went in", arguments: local)
    func queryValue(text: String) throws {
        let value = LocalPath.queryValue(text)
        #expect(value.utf8.allSatisfy { $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "+") })
        #expect(Form("return_to=\(value)".utf8)?["return_to"] == text)
    }
}
