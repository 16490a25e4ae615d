import Accounts
import Secrets
import SignIn
import Storage
import Testing

@Suite("Known browsers in the database", .timeLimit(.minutes(2)))
struct KnownBrowserStoreTests {
    private struct Scene {
        let base: TestStore
        let company: TestStore.Company
        let user: User

        init(_ engine: Engine) async throws {
            base = try await TestStore(engine)
            company = try await base.company()
            user = try await base.add("bo", to: company)
        }

        func remember(_ digest: TokenDigest, at seconds: Int64 = 0) async throws {
            try await base.apply([.knowBrowser(user.id, digest, at: TestStore.start + seconds)])
        }

        /// What a decision about a login sees that comes with these values.
        func known(_ digests: [TokenDigest], login: String = "bo") async throws -> TokenDigest? {
            try await state(digests, login: login).throttles.knownBrowser
        }

        func state(_ digests: [TokenDigest], login: String = "bo") async throws -> SignInState {
            let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", browsers: digests)
            let kinds = ThrottleKind.allCases
            let request = SubjectRequest(.login(Make.login(login)), .all, throttles: kinds, source: source)
            return try await base.store.decide(request, at: TestStore.start) { Decision($0) }
        }
    }

    @Test("It is known for the person who signed in there, and for nobody else", arguments: Engine.allCases)
    func whose(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (browser, planted) = (Make.digest(.knownBrowser), Make.digest(.knownBrowser))
        try await scene.remember(browser)
        #expect(try await scene.known([planted, browser]) == browser)
        #expect(try await scene.known([planted]) == nil)
        #expect(try await scene.known([browser], login: "ana@acme") == nil)
        #expect(try await scene.known([browser], login: "nobody") == nil)
    }

    @Test("Ten are remembered, the latest used, and always the newest", arguments: Engine.allCases)
    func bounded(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let browsers = (0..<12).map { _ in Make.digest(.knownBrowser) }
        for (place, browser) in browsers.enumerated() { try await scene.remember(browser, at: Int64(place)) }
        #expect(try await scene.base.count("SELECT count(*) FROM known_browser") == 10)
        #expect(try await scene.known(Array(browsers[..<2])) == nil)
        #expect(try await scene.known([browsers[2]]) == browsers[2])
        try await scene.base.apply([.touchBrowser(scene.user.id, browsers[2], at: TestStore.start + 20)])
        // The clock was set back meanwhile.
        let early = Make.digest(.knownBrowser)
        try await scene.remember(early, at: -3_600)
        #expect(try await scene.known([early]) == early)
        #expect(try await scene.known([browsers[2]]) == browsers[2], "it was used again")
        #expect(try await scene.known([browsers[3]]) == nil)
    }

    @Test("What was charged is handed back, whatever becomes of the browser meanwhile", arguments: Engine.allCases)
    func handedBack(engine: Engine) async throws {
        for becomesKnown in [false, true] {
            let scene = try await Scene(engine)
            let browser = Make.digest(.knownBrowser)
            if !becomesKnown { try await scene.remember(browser) }
            let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", browsers: [browser])
            let kinds = [ThrottleKind.portalPassword]
            // Guesses of others, which nothing here may touch.
            let stranger = try await scene.state([])
            let keys = Throttles.keys(.portalPassword, login: stranger.loginDigest, source: TestStore.source)
            try await scene.base.apply(stranger.throttles.charging(keys, at: TestStore.start))
            let before = try await scene.state([]).throttles.states

            var request = SubjectRequest(.login(Make.login("bo")), [], throttles: kinds, source: source)
            let charged = try await scene.base.store.decide(request, at: TestStore.start) { state in
                let keys = state.throttles.keys(.portalPassword, login: state.loginDigest, source: source)
                return Decision(state.throttles.knownBrowser, state.throttles.charging(keys, at: TestStore.start))
            }
            if becomesKnown {
                try await scene.remember(browser)
            } else {
                try await scene.base.apply([.endSessions(scene.user.id, except: nil)])
            }
            request.browser = .charged(charged)
            try await scene.base.store.decide(request, at: TestStore.start) { state in
                let keys = state.throttles.keys(.portalPassword, login: state.loginDigest, source: source)
                return Decision((), state.throttles.handingBack(keys, chargedAt: TestStore.start))
            }
            #expect(try await scene.state([]).throttles.states == before)
            if !becomesKnown { try await scene.remember(browser) }
            let own = ThrottleKey.browser(.portalPassword, login: stranger.loginDigest, browser)
            #expect(try await scene.state([browser]).throttles[own] == .clear)
        }
    }

    @Test("Its counters are its own, and the run of wrong tokens is the login's", arguments: Engine.allCases)
    func counters(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let browser = Make.digest(.knownBrowser)
        try await scene.remember(browser)
        let state = try await scene.state([browser])
        let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", browsers: [browser])
        for kind in [ThrottleKind.token, .portalPassword] {
            let keys = state.throttles.keys(kind, login: state.loginDigest, source: source)
            try await scene.base.apply(state.throttles.charging(keys, at: TestStore.start))
        }
        let other = try await scene.state([])
        #expect(other.throttles[.login(.token, other.loginDigest)] == ThrottleState(consecutive: 1))
        #expect(other.throttles[.login(.portalPassword, other.loginDigest)] == .clear)
        #expect(other.throttles[.address(.token, "192.0.2.7")] == .clear)
        let again = try await scene.state([browser])
        #expect(again.throttles[.browser(.token, login: again.loginDigest, browser)].recent.count == 1)
        #expect(again.throttles[.browser(.portalPassword, login: again.loginDigest, browser)].consecutive == 1)
    }

    @Test("Whatever ends all sessions of a person forgets their browsers", arguments: Engine.allCases)
    func forgotten(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (account, user) = (scene.company.account.id, scene.user.id)
        let changes: [(String, () async throws -> Void)] = [
            ("end others", { try await scene.base.apply([.endSessions(user, except: nil)]) }),
            ("end sessions", { _ = try await scene.base.administer(account, user, .endSessions) }),
            ("reset two-factor", { _ = try await scene.base.administer(account, user, .resetTwoFactor(reason: "")) }),
            ("disable", { _ = try await scene.base.administer(account, user, .disableUser) }),
            ("delete", { _ = try await scene.base.administer(account, user, .deleteUser) }),
        ]
        for (name, change) in changes {
            try await scene.remember(Make.digest(.knownBrowser))
            #expect(try await scene.base.count("SELECT count(*) FROM known_browser") == 1, "\(name)")
            try await change()
            #expect(try await scene.base.count("SELECT count(*) FROM known_browser") == 0, "\(name)")
        }
    }
}
