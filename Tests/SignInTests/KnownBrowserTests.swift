import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("Browsers that have signed in before")
struct KnownBrowserTests {
    private static let browser = Fixture.digest(0x77)
    private static let passwordKey = ThrottleKey.browser(.portalPassword, login: Fixture.loginDigest, browser)

    /// What strangers can do to a login without its password, and to an address.
    private static func besieged(_ start: World, known: Bool = true) -> World {
        var world = start
        world.throttles.states[.login(.portalPassword, Fixture.loginDigest)] = ThrottleState(
            consecutive: 1_000,
            blockedUntil: world.now + 900
        )
        let full = ThrottleState(consecutive: 100, recent: Array(repeating: world.now - 10, count: 100))
        for kind in [ThrottleKind.portalPassword, .token] { world.throttles.states[.address(kind, "192.0.2.7")] = full }
        if known { world.throttles.knownBrowser = browser }
        return world
    }

    @Test("Strangers make nobody wait there, whether they try the login or share the address")
    func password() {
        var stranger = Self.besieged(World(Fixture.configured()), known: false)
        #expect(stranger.password(Fixture.rightPassword).outcome.label == "wait 900")
        var owner = Self.besieged(World(Fixture.configured()))
        #expect(owner.password(Fixture.rightPassword).outcome.label == "-> token")
        #expect(owner.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "signed in")
    }

    @Test("Its budget is its own: five wrong passwords in a row make it wait, and nobody else")
    func ownPasswords() {
        var world = World(Fixture.configured())
        world.throttles.knownBrowser = Self.browser
        for _ in 1...5 { #expect(world.password(Fixture.wrongPassword).outcome.label == "refused") }
        #expect(world.signIn(.passwordSubmitted).outcome.label == "wait 1")
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == .clear)
        #expect(world.throttles[.address(.portalPassword, "192.0.2.7")] == .clear)
        world.throttles.knownBrowser = nil
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> token")
    }

    @Test("A right password there gives strangers no new guesses")
    func strangersStay() {
        var world = Self.besieged(World(Fixture.configured()))
        let before = world.throttles[.login(.portalPassword, Fixture.loginDigest)]
        _ = world.password(Fixture.rightPassword)
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == before)
        #expect(world.throttles[Self.passwordKey].consecutive == 0)
    }

    @Test("Who knows the password and burns tokens elsewhere does not stop the owner's token")
    func tokens() {
        var world = World.atToken()
        world.throttles.states[.login(.token, Fixture.loginDigest)] = ThrottleState(
            consecutive: 60,
            recent: Array(repeating: world.now - 10, count: 10)
        )
        world.throttles.states[.closing(Fixture.loginDigest)] = world.throttles[.login(.token, Fixture.loginDigest)]
        var stranger = world
        #expect(stranger.signIn(.tokenSubmitted(Fixture.code())).outcome.label.hasPrefix("wait"))
        world.throttles.knownBrowser = Self.browser
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "signed in")
        #expect(world.throttles[.login(.token, Fixture.loginDigest)].consecutive == 0, "a right one ends the run")
        #expect(world.throttles[.login(.token, Fixture.loginDigest)].recent.count == 10, "strangers wait on")
    }

    @Test("Ten wrong tokens in fifteen minutes make it wait, and each counts towards the hundred that close the factor")
    func cap() {
        var world = World.atToken()
        world.throttles.knownBrowser = Self.browser
        for number in 1...100 {
            world.now = world.now + 100
            world.attempt = Fixture.attempt(.token)
            world.attempt?.expiresAt = world.now + 600
            // Every other one from a browser that nobody knows.
            world.throttles.knownBrowser = number.isMultiple(of: 2) ? nil : Self.browser
            let decision = world.signIn(.tokenSubmitted(Fixture.wrongCode(at: world.now)))
            #expect(decision.outcome.label == "token refused", "\(number)")
            #expect(decision.kinds.contains(.factorClosed) == (number == 100))
        }
        for browser in [nil, Self.browser] {
            world.throttles.knownBrowser = browser
            world.attempt = Fixture.attempt(.token)
            world.attempt?.expiresAt = world.now + 600
            #expect(world.signIn(.tokenSubmitted(Fixture.code(at: world.now))).outcome.label == "closed")
        }
    }

    @Test("A recovery code opens the factor again from there, too")
    func reopened() {
        var world = World.atToken()
        world.throttles.knownBrowser = Self.browser
        world.throttles.states[.closing(Fixture.loginDigest)] = ThrottleState(consecutive: 100)
        world.throttles.states[.login(.token, Fixture.loginDigest)] = ThrottleState(consecutive: 100)
        let code = world.subject!.recoveryCodes.first!
        #expect(world.signIn(.recoveryCodeSubmitted(code)).outcome.label == "signed in")
        #expect(world.throttles[.login(.token, Fixture.loginDigest)].consecutive == 0)
    }

    @Test("It becomes known by a whole sign-in alone, under a new name, whatever it said it was")
    func remembered() {
        var world = World(Fixture.configured())
        world.source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", browsers: [Self.browser])
        #expect(!world.password(Fixture.rightPassword).effects.contains("knowBrowser"))
        let last = world.signIn(.tokenSubmitted(Fixture.code()))
        let known = last.commit.effects.compactMap { effect -> TokenDigest? in
            if case .knowBrowser(_, let digest, _) = effect { return digest }
            return nil
        }
        #expect(known.count == 1 && known[0] != Self.browser)
    }

    @Test("One that is known keeps its name, so that an answer that gets lost takes nothing away")
    func renewed() {
        var world = World.atToken()
        world.throttles.knownBrowser = Self.browser
        let effects = world.signIn(.tokenSubmitted(Fixture.code())).effects
        #expect(effects.contains("touchBrowser") && !effects.contains("knowBrowser"))
    }

    @Test("What ends all other sessions gives the browser that is used here a new name, after all were forgotten")
    func kept() throws {
        var world = World(Fixture.configured(), session: Fixture.session())
        let effects = world.own(.endOtherSessions(keepsTokens: true)).effects
        let (forgets, knows) = (effects.firstIndex(of: "endOtherSessions"), effects.firstIndex(of: "knowBrowser"))
        #expect(try #require(forgets) < #require(knows))
    }

    @Test("Agents have no browser: what one sends changes nothing for them")
    func agents() {
        let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", browsers: [Self.browser])
        let keys = Throttles.keys(.agentPassword, login: Fixture.loginDigest, source: source)
        #expect(keys.map(\.label) == ["login agent_password", "address agent_password"])
    }
}
