import Accounts
import Secrets
import SignIn
import Testing

@Suite("The password step")
struct PasswordStepTests {
    /// Three that nobody outside may tell apart.
    enum Stranger: CaseIterable {
        case unknown, disabled, mistyped, withoutPassword

        var subject: Subject? {
            switch self {
            case .unknown: nil
            case .disabled: Fixture.configured { $0.user.isEnabled = false }
            case .mistyped: Fixture.configured()
            case .withoutPassword: Fixture.person { $0.passwordHash = nil }
            }
        }

        /// For the three that have no usable hash the decoy was compared; even a match of it opens nothing.
        var check: PasswordCheck {
            let against = self == .mistyped ? Fixture.password : Fixture.hash(0xDD)
            return PasswordCheck(against: against, matches: self != .mistyped)
        }
    }

    static let charge = ["throttle login portal_password 1", "throttle address portal_password 1"]

    @Test("Unknown, disabled and mistyped cost the same and are answered the same", arguments: Stranger.allCases)
    func strangers(stranger: Stranger) {
        var world = World(stranger.subject)
        let first = world.signIn(.passwordSubmitted)
        #expect(first.outcome.label == (stranger == .mistyped ? "check hash" : "check decoy"))
        #expect(first.effects == Self.charge)
        let second = world.signIn(.passwordChecked(stranger.check, chargedAt: world.now))
        #expect(second.outcome.label == "refused")
        #expect(second.effects == [])
        #expect(second.kinds.count == 1)
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)].consecutive == 1)
        #expect(world.attempt == nil)
        #expect(world.session == nil)
    }

    @Test("A password for an attempt that is gone is not judged, and the address gets its charge back")
    func attemptGone() {
        var world = World(nil)
        world.isCookieless = false
        #expect(world.signIn(.passwordSubmitted).changesNothing)
        let keys = Throttles.keys(.portalPassword, login: Fixture.loginDigest, source: Fixture.source)
        for key in keys { world.throttles.states[key] = ThrottleState(consecutive: 7, recent: [world.now]) }
        let check = PasswordCheck(against: Fixture.password, matches: true)
        let decision = world.signIn(.passwordChecked(check, chargedAt: world.now))
        #expect(decision.outcome.label == "expired")
        #expect(decision.effects == ["throttle address portal_password 6"])
        #expect(decision.commit.entries.isEmpty)
    }

    @Test("An unknown login is written down as a digest of no tenant, never as its text")
    func unknownEntry() throws {
        var world = World(nil)
        let entry = try #require(world.password(Fixture.wrongPassword).commit.entries.first)
        #expect(entry.kind == .unknownLoginRefused)
        #expect(entry.accountID == nil && entry.actor == nil)
        #expect(entry.parameters == [ActivityParameter("login digest", "aaaaaaaaaaaaaaaa")])
    }

    @Test("A check against a hash that is stored no more does not count (the password was changed meanwhile)")
    func staleCheck() {
        var world = World(Fixture.person())
        let check = PasswordCheck(against: Fixture.hash(2), matches: true)
        #expect(world.password(check).outcome.label == "refused")
    }

    @Test(
        "INV-9, E13: a password that is too long costs nothing and is told of once a minute, known login or not",
        arguments: Stranger.allCases
    )
    func unreadable(stranger: Stranger) throws {
        var world = World(stranger.subject)
        let decision = world.signIn(.passwordUnreadable)
        #expect(decision.outcome.label == "refused")
        #expect(decision.effects == [])
        let entry = try #require(decision.commit.entries.first)
        #expect(entry.kind == (stranger == .unknown ? .unknownLoginRefused : .passwordRefused))
        #expect(entry.mergeKey != nil && decision.commit.entries.count == 1)
        let again = world.signIn(.passwordUnreadable)
        #expect(again.commit.entries.first?.mergeKey == entry.mergeKey)
    }

    @Test("S-03: without two-factor and without the requirement the password alone opens the portal")
    func oneStep() throws {
        var world = World(Fixture.person())
        let decision = world.password(Fixture.rightPassword)
        guard case .signedIn(let session, returnTo: "/start") = decision.outcome else {
            Issue.record("not signed in")
            return
        }
        #expect(session.methods == [.password])
        #expect(session.recoveryUntil == nil)
        #expect(decision.kinds == [.signedIn])
    }

    @Test("S-24: after a right password a configured login is asked for a token and gets nothing else")
    func token() throws {
        var world = World(Fixture.configured())
        let decision = world.password(Fixture.rightPassword)
        #expect(decision.outcome.label == "-> token")
        #expect(decision.kinds == [.passwordAccepted])
        #expect(world.session == nil)
        let attempt = try #require(world.attempt)
        #expect(attempt.methods == [.password])
        #expect(attempt.expiresAt == Fixture.now + 600)
        #expect(attempt.returnTo == "/start")
    }

    @Test("A right password hands its charge back and ends the run of failures, but not those of its address")
    func handedBack() {
        var world = World(Fixture.configured())
        for _ in 1...3 { _ = world.password(Fixture.wrongPassword) }
        world.now = world.now + 1
        _ = world.password(Fixture.rightPassword)
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == .clear)
        let address = world.throttles[.address(.portalPassword, "192.0.2.7")]
        #expect(address.recent == Array(repeating: Fixture.now, count: 3))
    }

    @Test("A password that nobody had room to check costs nothing")
    func abandoned() {
        var world = World(Fixture.configured())
        _ = world.signIn(.passwordSubmitted)
        let decision = world.signIn(.passwordAbandoned(chargedAt: world.now))
        #expect(decision.outcome.label == "unavailable")
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == .clear)
        #expect(world.throttles[.address(.portalPassword, "192.0.2.7")] == .clear)
    }

    @Test("A hash of old parameters is replaced on the way")
    func rehash() {
        var world = World(Fixture.person())
        let check = PasswordCheck(against: Fixture.password, matches: true, rehashed: Fixture.hash(3))
        #expect(world.password(check).effects.contains("rehash"))
        #expect(world.subject?.passwordHash == Fixture.hash(3))
    }

    @Test("After 5 wrong passwords in a row one waits 1, 2, 4 … seconds; what is refused is neither judged nor counted")
    func waits() throws {
        var world = World(Fixture.configured())
        for _ in 1...5 { #expect(world.password(Fixture.wrongPassword).outcome.label == "refused") }
        for wait: Int64 in [1, 2, 4, 8] {
            let refused = world.signIn(.passwordSubmitted)
            #expect(refused.outcome.label == "wait \(wait)")
            #expect(refused.effects == [])
            #expect(refused.kinds == [.limitReached])
            #expect(refused.commit.entries.first?.mergeKey != nil)
            world.now = world.now + wait
            #expect(world.password(Fixture.wrongPassword).outcome.label == "refused")
        }
    }

    @Test("Limits work for unknown logins as well, and their entry is one per address and minute")
    func unknownLimit() throws {
        var world = World(nil)
        for _ in 1...5 { _ = world.password(Fixture.wrongPassword) }
        let refused = world.signIn(.passwordSubmitted)
        #expect(refused.outcome.label == "wait 1")
        let entry = try #require(refused.commit.entries.first)
        #expect(entry.actor == nil)
        #expect(entry.parameters.map(\.name) == ["kind"])
    }

    @Test("100 failures from one address stop it, whoever's login is tried")
    func address() {
        var world = World(Fixture.configured())
        let failures = Array(repeating: Fixture.now - 10, count: 100)
        world.throttles.states[.address(.portalPassword, "192.0.2.7")] = ThrottleState(recent: failures)
        #expect(world.signIn(.passwordSubmitted).outcome.label == "wait 890")
        world.source = RequestSource(address: "198.51.100.1", throttleKey: "198.51.100.1")
        #expect(world.signIn(.passwordSubmitted).outcome.label == "check hash")
    }

    @Test("S-35, S-37: the password of an attempt that took a session's place goes on to enrolment in that attempt")
    func enrolmentPassword() throws {
        var world = World(Fixture.required(), attempt: Fixture.attempt(.enrolmentPassword))
        let decision = world.password(Fixture.rightPassword)
        #expect(decision.outcome.label == "-> enrolment")
        #expect(decision.effects.contains("updateAttempt") && !decision.effects.contains("insertAttempt"))
        let attempt = try #require(world.attempt)
        #expect(attempt.id == Fixture.attemptID)
        #expect(attempt.digest != Fixture.attempt(.enrolmentPassword).digest)
        #expect(attempt.methods == [.password])
        #expect(attempt.returnTo == "/devices")
        #expect(attempt.expiresAt == Fixture.now + 1_800)
    }

    @Test("Such an attempt asks for the token of whoever has configured two-factor meanwhile")
    func enrolmentPasswordConfigured() {
        var world = World(Fixture.configured(), attempt: Fixture.attempt(.enrolmentPassword))
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> token")
    }

    @Test("The browser gets another token at every step")
    func newToken() {
        var world = World(Fixture.configured { $0.mustChangePassword = true })
        var digests: Set<TokenDigest> = []
        _ = world.password(Fixture.rightPassword)
        if let attempt = world.attempt { digests.insert(attempt.digest) }
        _ = world.signIn(.tokenSubmitted(Fixture.code()))
        if let attempt = world.attempt { digests.insert(attempt.digest) }
        _ = world.signIn(.newPasswordHashed(Fixture.hash(4)))
        if let session = world.session { digests.insert(session.digest) }
        #expect(digests.count == 3)
    }
}
