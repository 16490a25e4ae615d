import Gateway
import Secrets
import Testing

@Suite("What a proxy says about a request")
struct ForwardedRequestTests {
    private static func nginx(_ url: String, _ method: String? = "GET") -> ForwardedFields {
        var fields = ForwardedFields()
        fields.originalURL = url
        fields.originalMethod = method
        return fields
    }

    private static func caddy(_ proto: String?, _ host: String?, _ uri: String?, _ method: String?) -> ForwardedFields {
        var fields = ForwardedFields()
        (fields.proto, fields.host, fields.uri, fields.method) = (proto, host, uri, method)
        return fields
    }

    @Test("nginx's and the others' headers say the same")
    func dialects() throws {
        let nginx = try ForwardedRequest.reading(Self.nginx("https://Grafana.example.com:443/d?x=1", "POST")).get()
        let caddy = try ForwardedRequest.reading(Self.caddy("https", "grafana.example.com", "/d?x=1", "POST")).get()
        #expect(nginx.dialect == .nginx && caddy.dialect == .forwarded)
        #expect(nginx.origin == caddy.origin && nginx.target == caddy.target && nginx.method == caddy.method)
        #expect(try ForwardedRequest.reading(Self.caddy("wss", "a.example", "/", "GET")).get().origin.isHTTPS)
    }

    @Test("What lacks a part describes nothing")
    func incomplete() {
        let all: [ForwardedFields] = [
            ForwardedFields(), Self.caddy(nil, "a.example", "/", "GET"), Self.caddy("https", nil, "/", "GET"),
            Self.caddy("https", "a.example", nil, "GET"), Self.caddy("https", "a.example", "/", nil),
            Self.caddy("https,http", "a.example", "/", "GET"), Self.caddy("https", "a.example, b.example", "/", "GET"),
            Self.caddy("https", "a.example", "/", "get it"), Self.nginx("https://a.example/", nil),
            Self.nginx("a.example/"), Self.nginx("https://a.example"), Self.nginx("ftp://a.example/"),
            Self.nginx("https://user@a.example/"),
        ]
        for fields in all {
            #expect(throws: DescriptionProblem.incomplete) { try ForwardedRequest.reading(fields).get() }
        }
    }

    @Test("Two stories, or one header twice, are refused")
    func conflicts() throws {
        func both(_ change: (inout ForwardedFields) -> Void) -> ForwardedFields {
            var fields = Self.nginx("https://a.example/x")
            change(&fields)
            return fields
        }
        let all = [
            both { $0.uri = "/y" }, both { $0.host = "b.example" }, both { $0.proto = "http" },
            both { $0.method = "POST" },
            both { $0.hasDuplicates = true },
        ]
        for fields in all {
            #expect(throws: DescriptionProblem.conflicting) { try ForwardedRequest.reading(fields).get() }
        }
        let agreeing = both { ($0.host, $0.proto, $0.uri, $0.method) = ("A.example", "https", "/x", "GET") }
        #expect(try ForwardedRequest.reading(agreeing).get().dialect == .nginx)
    }

    @Test("The origin that the proxy pins counts, and nothing beside it may name another", arguments: [true, false])
    func pins(isNginx: Bool) throws {
        func pinned(_ pin: String?, _ change: (inout ForwardedFields) -> Void = { _ in }) -> ForwardedFields {
            var fields =
                isNginx
                ? Self.nginx("https://a.example/x") : Self.caddy("https", "a.example", "/x", "GET")
            fields.pinnedOrigin = pin
            change(&fields)
            return fields
        }
        let bare = try ForwardedRequest.reading(pinned(nil)).get()
        #expect(!bare.isPinned)
        for pin in ["https://a.example", "https://A.example:443/", "https://a.example."] {
            let request = try ForwardedRequest.reading(pinned(pin)).get()
            #expect(request.isPinned && request.origin == bare.origin && request.target == "/x", "\(pin)")
        }
        for pin in ["https://b.example", "https://a.example:8443", "https://xa.example", "http://a.localhost"] {
            #expect(throws: DescriptionProblem.conflicting, "\(pin)") {
                try ForwardedRequest.reading(pinned(pin)).get()
            }
        }
        for pin in [
            "", "a.example", "https://", "https://a.example/x", "ftp://a.example", "https://a.example, https://b",
        ] {
            #expect(throws: DescriptionProblem.incomplete, "\(pin)") { try ForwardedRequest.reading(pinned(pin)).get() }
        }
        // What the client claimed, handed on.
        for host in ["b.example", "a.example:8443", "", "b@a.example", "a.example, b.example"] {
            let fields = pinned("https://a.example") { $0.host = host }
            #expect(throws: DescriptionProblem.conflicting, "\(host)") { try ForwardedRequest.reading(fields).get() }
        }
        for host in [nil, "A.EXAMPLE", "a.example.", "a.example:443"] {
            let fields = pinned("https://a.example") { $0.host = host }
            #expect(try ForwardedRequest.reading(fields).get().origin.text == "https://a.example")
        }
    }

    @Test("On an application's own host the same headers say whose host it is")
    func hosts() throws {
        func origin(_ change: (inout ForwardedFields) -> Void) throws(DescriptionProblem) -> String? {
            var fields = ForwardedFields()
            change(&fields)
            return try fields.hostOrigin()?.text
        }
        #expect(try origin { _ in } == nil)
        #expect(try origin { $0.host = "a.example" } == nil)
        #expect(try origin { ($0.proto, $0.host) = ("https", "a.example") } == "https://a.example")
        #expect(try origin { $0.pinnedOrigin = "https://a.example" } == "https://a.example")
        #expect(try origin { ($0.pinnedOrigin, $0.host) = ("https://a.example", "A.example") } == "https://a.example")
        #expect(try origin { $0.originalURL = "https://a.example/_countersign/start" } == "https://a.example")
        #expect(throws: DescriptionProblem.conflicting) {
            try origin { ($0.pinnedOrigin, $0.host) = ("https://a.example", "b.example") }
        }
        #expect(throws: DescriptionProblem.conflicting) {
            try origin { ($0.originalURL, $0.host) = ("https://a.example/", "b.example") }
        }
        #expect(throws: DescriptionProblem.conflicting) {
            try origin { ($0.originalURL, $0.pinnedOrigin) = ("https://a.example/", "https://b.example") }
        }
        #expect(throws: DescriptionProblem.conflicting) { try origin { $0.hasDuplicates = true } }
        #expect(throws: DescriptionProblem.incomplete) { try origin { ($0.proto, $0.host) = ("https", "a b") } }
    }

    @Test("An unpinned question is noted once in ten minutes, and again when writing it down failed")
    func unpinned() {
        let (questions, id) = (UnpinnedQuestions(), Make.application().id)
        questions.note(id, at: Make.now)
        questions.note(id, at: Make.now + 599)
        #expect(questions.take() == [id: Make.now])
        #expect(questions.take().isEmpty)
        questions.note(id, at: Make.now + 599)
        #expect(questions.take().isEmpty)
        questions.note(id, at: Make.now + 600)
        let taken = questions.take()
        #expect(taken == [id: Make.now + 600])
        questions.giveBack(taken)
        #expect(questions.take() == taken)
        questions.note(id, at: Make.now)
        #expect(questions.take() == [id: Make.now], "a clock that was put back")
    }

    @Test("Only a page that is asked for by GET is a navigation")
    func kinds() {
        func kind(_ change: (inout RequestKind) -> Void) -> RequestKind {
            var kind = RequestKind()
            change(&kind)
            return kind
        }
        #expect(kind { $0.fetchMode = "navigate" }.isNavigation(method: "GET"))
        #expect(kind { $0.accept = "text/html,*/*" }.isNavigation(method: "GET"))
        #expect(!kind { $0.fetchMode = "navigate" }.isNavigation(method: "POST"))
        #expect(!kind { ($0.fetchMode, $0.accept) = ("cors", "text/html") }.isNavigation(method: "GET"))
        #expect(!kind { $0.accept = "application/json" }.isNavigation(method: "GET"))
        #expect(!kind { _ in }.isNavigation(method: "GET"))
        #expect(!kind { ($0.accept, $0.upgrade) = ("text/html", "websocket") }.isNavigation(method: "GET"))
        #expect(!kind { ($0.accept, $0.requestedWith) = ("text/html", "XMLHttpRequest") }.isNavigation(method: "GET"))
        #expect(!kind { ($0.accept, $0.contentType) = ("text/html", "application/grpc") }.isNavigation(method: "GET"))
    }

    @Test("A header of the application's choice is one that means nothing else on the way")
    func headerNames() {
        func names(_ user: String) -> IdentityHeaderNames? {
            IdentityHeaderNames(user: user, name: "Remote-Name", email: "Remote-Email", groups: "Remote-Groups")
        }
        #expect(names("X-WebAuth-User") != nil)
        for bad in [
            "", "Cookie", "host", "X-Forwarded-For", "Remote_User", "remote-name", "Set-Cookie", "a b", "X-Ä", "-x",
        ] {
            #expect(names(bad) == nil, "\(bad)")
        }
        #expect(IdentityValue.groups(["a,b", "c"]) == "a%2Cb,c")
        #expect(IdentityValue.text("a\r\nb\u{7f}") == "ab")
    }
}
