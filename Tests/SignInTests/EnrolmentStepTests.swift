import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("Enrolment inside sign-in")
struct EnrolmentStepTests {
    private func pair(_ first: Int64, _ second: Int64) -> SignInEvent {
        .pairSubmitted(
            Fixture.code(first, of: Fixture.pendingSecret),
            Fixture.code(second, of: Fixture.pendingSecret)
        )
    }

    private var world: World { Place.enrolment.world }

    @Test(
        "S-28b, S-35: the requirement leads to enrolment after the password, for a role with the tab hidden too",
        arguments: AccessLevel.allCases
    )
    func required(level: AccessLevel) throws {
        var world = World(Fixture.required { $0.permissions.accounts = level })
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> enrolment")
        #expect(world.session == nil)
        let opened = world.signIn(.enrolmentOpened)
        #expect(opened.kinds == [.enrolmentStarted])
        guard case .showEnrolment(let pending) = opened.outcome else {
            Issue.record("nothing to scan")
            return
        }
        let first = Fixture.code(-1, of: pending.secret)
        let decision = world.signIn(.pairSubmitted(first, Fixture.code(0, of: pending.secret)))
        #expect(decision.outcome.label == "enrolled")
        #expect(world.session?.methods == [.password, .otp])
    }

    @Test(
        "S-09b, S-30: forced enrolment asks for no admin who went first, and admins are subject to it",
        arguments: [true, false]
    )
    func nobodyFirst(isAdmin: Bool) {
        var world = World(
            Fixture.required {
                $0.configuredAdmins = 0
                $0.user.isAccountAdmin = isAdmin
            }
        )
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> enrolment")
        #expect(world.signIn(.enrolmentOpened).outcome.label == "show secret")
    }

    @Test("S-41: whoever signs in again sees the same secret, and each of the two learns of the other")
    func seenElsewhere() throws {
        var owner = World(Fixture.required())
        _ = owner.password(Fixture.rightPassword)
        let made = try Self.shown(owner.signIn(.enrolmentOpened))
        let first = try #require(owner.attempt)
        #expect(made.seenElsewhere(than: first.id) == nil)
        // A reload is no news.
        #expect(owner.signIn(.enrolmentOpened).changesNothing)

        var thief = owner
        thief.attempt = nil
        thief.source = RequestSource(address: "203.0.113.9", throttleKey: nil)
        _ = thief.password(Fixture.rightPassword)
        let decision = thief.signIn(.enrolmentOpened)
        let seen = try Self.shown(decision)
        #expect(seen.secret == made.secret)
        #expect(decision.kinds == [.enrolmentShownAgain])
        #expect(decision.commit.entries.first?.parameters == [ActivityParameter("first shown to", "192.0.2.7")])
        #expect(thief.signIn(.enrolmentOpened).changesNothing)
        #expect(seen.seenElsewhere(than: try #require(thief.attempt).id) == "192.0.2.7")
        #expect(seen.seenElsewhere(than: first.id) == "203.0.113.9")

        // Proven all the same, the log says who else has it.
        owner.subject = thief.subject
        let pair = SignInEvent.pairSubmitted(Fixture.code(of: seen.secret), Fixture.code(1, of: seen.secret))
        let proven = owner.signIn(pair)
        #expect(proven.outcome.label == "enrolled")
        #expect(proven.commit.entries.first?.parameters == [ActivityParameter("secret also shown to", "203.0.113.9")])
    }

    @Test("A new secret takes the place of one that somebody else has seen")
    func renewed() throws {
        var world = Place.enrolment.world
        let old = try #require(world.subject?.pending)
        let next = try Self.shown(world.signIn(.enrolmentRenewed))
        #expect(next.secret != old.secret && next.id != old.id)
        #expect(next.seenElsewhere(than: Fixture.attemptID) == nil)
        #expect(world.signIn(pair(0, 1)).outcome.label == "pair refused")
    }

    private static func shown(_ decision: SignInDecision) throws -> PendingEnrolment {
        guard case .showEnrolment(let pending) = decision.outcome else {
            Issue.record("no secret is shown")
            throw CancellationError()
        }
        return pending
    }

    @Test("S-39: with the requirement off again, one step for who has none, two for who is configured")
    func off() {
        var without = World(Fixture.person())
        #expect(without.password(Fixture.rightPassword).outcome.label == "signed in")
        var with = World(Fixture.configured())
        #expect(with.password(Fixture.rightPassword).outcome.label == "-> token")
    }

    @Test(
        "S-18, S-19: two consecutive codes in order, about now",
        arguments: [(-2, -1), (-1, 0), (0, 1), (1, 2)] as [(Int64, Int64)]
    )
    func good(first: Int64, second: Int64) throws {
        var world = world
        let decision = world.signIn(pair(first, second))
        #expect(decision.outcome.label == "enrolled")
        let authenticator = try #require(world.subject?.authenticators.first)
        #expect(authenticator.lastAcceptedStep == Fixture.step.advanced(by: second), "the second code is spent (S-24)")
        #expect(world.subject?.pending == nil)
        #expect(world.subject?.recoveryCodes.count == 10)
        #expect(decision.kinds == [.twoFactorConfigured, .signedIn])
    }

    @Test(
        "S-19, S-20: any other pair is refused and keeps the secret",
        arguments: [(0, 0), (1, 0), (0, 2), (-1, 1), (-4, -3), (3, 4)] as [(Int64, Int64)]
    )
    func bad(first: Int64, second: Int64) throws {
        var world = world
        let decision = world.signIn(pair(first, second))
        guard case .pairRefused(_, let pending) = decision.outcome else {
            Issue.record("not refused")
            return
        }
        #expect(pending.secret == Fixture.pendingSecret)
        #expect(pending.wrongPairs == 1)
        #expect(world.subject?.hasTwoFactor == false)
        #expect(decision.kinds == [.enrolmentRefused])
        #expect(world.signIn(pair(0, 1)).outcome.label == "enrolled")
    }

    @Test("S-19: (right, wrong), (wrong, right) and what is no code are refused and keep the secret")
    func halves() {
        let right = Fixture.code(of: Fixture.pendingSecret)
        for (first, second) in [(right, Fixture.wrongCode()), (Fixture.wrongCode(), right), (right, nil), (nil, right)]
        {
            var world = world
            #expect(world.signIn(.pairSubmitted(first, second)).outcome.label == "pair refused")
            #expect(world.subject?.pending?.secret == Fixture.pendingSecret)
            #expect(world.subject?.hasTwoFactor == false)
        }
    }

    @Test("A pair of a device whose clock is off says by how much and binds nothing")
    func clockOff() {
        var world = world
        guard case .pairRefused(.clockOff(let seconds), _) = world.signIn(pair(9, 10)).outcome else {
            Issue.record("not told")
            return
        }
        #expect(seconds == 300)
    }

    @Test("S-20: after 20 wrong pairs there is another secret, with as little time as before")
    func twenty() throws {
        var world = world
        let wrong = SignInEvent.pairSubmitted(Fixture.wrongCode(), Fixture.code(of: Fixture.pendingSecret))
        for _ in 1...19 {
            _ = world.signIn(wrong)
            #expect(world.subject?.pending?.secret == Fixture.pendingSecret)
        }
        guard case .pairRefused(_, let pending) = world.signIn(wrong).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(pending.secret != Fixture.pendingSecret)
        #expect(pending.wrongPairs == 0)
        // It is this sign-in's own, so that nobody is warned of themselves.
        #expect(pending.attemptID == Fixture.attemptID && pending.seenElsewhere(than: Fixture.attemptID) == nil)
        #expect(pending.expiresAt == Fixture.pending().expiresAt)
        #expect(world.signIn(pair(0, 1)).outcome.label == "pair refused")
    }

    @Test("S-20: opening the page again shows the same secret, and writes nothing")
    func again() {
        var world = world
        let decision = world.signIn(.enrolmentOpened)
        guard case .showEnrolment(let pending) = decision.outcome else {
            Issue.record("nothing shown")
            return
        }
        #expect(pending.secret == Fixture.pendingSecret)
        #expect(decision.changesNothing)
    }

    @Test("A secret that has expired, or that a session began on Details, is not shown here", arguments: [true, false])
    func foreign(expired: Bool) {
        var world = world
        world.subject?.pending = Fixture.pending(expired ? nil : Fixture.sessionID)
        if expired { world.subject?.pending?.expiresAt = world.now }
        guard case .showEnrolment(let pending) = world.signIn(.enrolmentOpened).outcome else {
            Issue.record("nothing shown")
            return
        }
        #expect(pending.secret != Fixture.pendingSecret)
        #expect(pending.expiresAt == world.now + 1_800)
    }

    @Test("A pair for a secret that has gone shows a fresh one instead")
    func lateness() {
        var world = world
        world.subject?.pending = nil
        #expect(world.signIn(pair(0, 1)).outcome.label == "show secret")
        #expect(world.subject?.hasTwoFactor == false)
    }

    @Test("Nothing planted before two-factor was configured outlives it: sessions, attempts, recovery codes")
    func planted() throws {
        var world = world
        world.subject?.recoveryCodes = [Fixture.recoveryCode]
        let effects = world.signIn(pair(0, 1)).effects
        for effect in ["closeAttempt", "endSessions", "closeAttempts", "replaceRecoveryCodes"] {
            #expect(effects.contains(effect), "\(effect)")
        }
        let ended = try #require(effects.firstIndex(of: "endSessions"))
        let begun = try #require(effects.firstIndex(of: "insertSession"))
        #expect(ended < begun)
        #expect(world.subject?.recoveryCodes.contains(Fixture.recoveryCode) == false)
    }

    @Test("Somebody who was configured meanwhile does not enrol again here", arguments: [EventName.opened, .pair])
    func alreadyConfigured(name: EventName) {
        var world = World(Fixture.configured { $0.pending = Fixture.pending() }, attempt: Fixture.attempt(.enrolment))
        let decision = world.signIn(name.event)
        #expect(decision.outcome.label == "expired")
        #expect(decision.changesNothing)
    }

    @Test("S-12a, S-40: an abandoned enrolment leaves the login as it was, and signing in again shows the same secret")
    func abandoned() {
        var world = world
        world.attempt = nil
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> enrolment")
        guard case .showEnrolment(let pending) = world.signIn(.enrolmentOpened).outcome else {
            Issue.record("nothing shown")
            return
        }
        #expect(pending.secret == Fixture.pendingSecret)
    }
}
