import HTTPTypes
import Testing

@testable import Portal

@Suite("Methods that an address does not take")
struct OtherMethodTests {
    static let rows: [(HTTPRequest.Method, String, String)] = [
        (.put, "/sign-in", "GET, HEAD, POST"), (.delete, "/accounts/details", "GET, HEAD"),
        (.get, "/agent/v1/sign-in", "POST"), (.head, "/agent/v1/sign-in", "POST"),
        (.post, "/agent/v1/me", "GET, HEAD"), (.post, "/healthz", "GET, HEAD"),
        (.options, "/setup/users/6f9619ff-8b86-d011-b42d-00c04fc964ff/disable", "GET, HEAD, POST"),
    ]

    @Test("A known path with another method is 405 and says which it takes", arguments: rows)
    func known(method: HTTPRequest.Method, path: String, allow: String) async throws {
        let answer = try await TestPortal().send(method, path)
        #expect(answer.status == .methodNotAllowed)
        #expect(answer.headers[.allow] == allow)
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        if path.hasPrefix("/agent/") { #expect(answer.headers[.contentType] == "application/problem+json") }
    }

    @Test("An unknown path stays unknown, whatever the method", arguments: [HTTPRequest.Method.get, .put, .post])
    func unknown(method: HTTPRequest.Method) async throws {
        #expect(try await TestPortal().send(method, "/nowhere").status == .notFound)
    }
}
