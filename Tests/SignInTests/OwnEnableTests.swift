import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

/// Events of one's own login as people cause them.
enum Own {
    static let right = PaidPassword(check: Fixture.rightPassword, chargedAt: Fixture.now)
    static let wrong = PaidPassword(check: Fixture.wrongPassword, chargedAt: Fixture.now)

    static func enable(
        _ password: PaidPassword = right,
        _ code: ProofCode = .none,
        byChoice: Bool = true
    ) -> OwnEvent {
        .enable(password, code, byChoice: byChoice)
    }

    static func token(_ offset: Int64 = 0) -> ProofCode { .token(Fixture.code(offset)) }

    static func pair(_ secret: OTPSharedSecret, name: String = "") -> OwnEvent {
        .pairSubmitted(Fixture.code(0, of: secret), Fixture.code(1, of: secret), name: name)
    }

    /// A session that passed two-factor, of somebody who has it.
    static func configured(_ change: (inout Subject) -> Void = { _ in }) -> World {
        World(Fixture.configured(change), session: Fixture.session([.password, .otp]))
    }
}

@Suite("Enabling two-factor on one's own login")
struct OwnEnableTests {
    struct Gate: CustomTestStringConvertible {
        let level: AccessLevel
        let isAdmin: Bool
        let configuredAdmins: Int
        let byChoice: Bool
        let expected: String

        var testDescription: String {
            "\(level)\(isAdmin ? " admin" : ""), \(configuredAdmins) admins ready, byChoice \(byChoice): \(expected)"
        }
    }

    static let gates: [Gate] = [
        Gate(level: .hidden, isAdmin: false, configuredAdmins: 1, byChoice: true, expected: "refused accessDenied"),
        Gate(level: .hidden, isAdmin: false, configuredAdmins: 0, byChoice: true, expected: "refused accessDenied"),
        Gate(level: .view, isAdmin: false, configuredAdmins: 0, byChoice: true, expected: "refused adminFirst"),
        Gate(level: .manage, isAdmin: false, configuredAdmins: 0, byChoice: true, expected: "refused adminFirst"),
        Gate(level: .view, isAdmin: false, configuredAdmins: 1, byChoice: true, expected: "begun"),
        Gate(level: .manage, isAdmin: false, configuredAdmins: 3, byChoice: true, expected: "begun"),
        Gate(level: .manage, isAdmin: true, configuredAdmins: 0, byChoice: true, expected: "begun"),
        Gate(level: .manage, isAdmin: true, configuredAdmins: 1, byChoice: true, expected: "begun"),
        Gate(level: .manage, isAdmin: true, configuredAdmins: 1, byChoice: false, expected: "refused accessDenied"),
        Gate(level: .view, isAdmin: false, configuredAdmins: 1, byChoice: false, expected: "refused accessDenied"),
    ]

    @Test("S-09, S-09a, S-27, S-28, S-28a: an admin first, then whoever may see the Accounts tab", arguments: gates)
    func gate(gate: Gate) {
        var world = World(
            Fixture.person {
                $0.permissions.accounts = gate.level
                $0.user.isAccountAdmin = gate.isAdmin
                $0.configuredAdmins = gate.configuredAdmins
            },
            session: Fixture.session()
        )
        let decision = world.own(Own.enable(byChoice: gate.byChoice))
        #expect(decision.outcome.label == gate.expected)
        #expect((world.subject?.pending != nil) == (gate.expected == "begun"))
        #expect(world.subject?.hasTwoFactor == false)
    }

    @Test("S-28c: with the tab hidden later a configured login still replaces its authenticators")
    func hiddenLater() {
        var world = Own.configured { $0.permissions.accounts = .hidden }
        #expect(world.own(Own.enable(Own.right, Own.token(), byChoice: false)).outcome.label == "begun")
    }

    @Test("A session alone enables nothing: the password is needed")
    func password() {
        var world = World(Fixture.person { $0.configuredAdmins = 1 }, session: Fixture.session())
        let decision = world.own(Own.enable(Own.wrong))
        #expect(decision.outcome.label == "refused wrongPassword")
        #expect(decision.effects == [])
        #expect(decision.kinds == [.proofRefused])
    }

    static let proofs: [(ProofCode, String)] = [
        (Own.token(), "begun"), (.recoveryCode(Fixture.recoveryCode), "begun"),
        (.none, "refused tokenRefused"), (.token(Fixture.wrongCode()), "refused tokenRefused"),
        (.token(Fixture.code(2)), "refused tokenRefused"),
        (.recoveryCode(Fixture.digest(0x52)), "refused tokenRefused"),
    ]

    @Test(
        "Where an authenticator exists its token or a recovery code is needed for a further one",
        arguments: proofs.indices
    )
    func token(index: Int) {
        let (proof, expected) = Self.proofs[index]
        var world = Own.configured()
        #expect(world.own(Own.enable(Own.right, proof)).outcome.label == expected)
        #expect((world.subject?.pending != nil) == (expected == "begun"))
    }

    @Test("S-05: the token of a change is spent like one of a sign-in, on one record")
    func spent() {
        var world = Own.configured()
        _ = world.own(Own.enable(Own.right, Own.token()))
        #expect(world.own(Own.enable(Own.right, Own.token())).outcome.label == "refused tokenRefused")
        world.attempt = Fixture.attempt(.token)
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "token refused")
    }

    @Test("S-20, S-21: only a right pair configures; the session goes on under a new token and all others end")
    func configures() throws {
        var world = World(Fixture.person { $0.configuredAdmins = 1 }, session: Fixture.session())
        _ = world.own(Own.enable())
        let pending = try #require(world.subject?.pending)
        #expect(pending.sessionID == Fixture.sessionID)
        let wrong = world.own(.pairSubmitted(Fixture.wrongCode(), Fixture.wrongCode(), name: ""))
        #expect(wrong.outcome.label == "pair refused")
        #expect(world.subject?.hasTwoFactor == false)
        let decision = world.own(Own.pair(pending.secret, name: "Blue phone"))
        #expect(decision.outcome.label == "configured with codes")
        #expect(decision.kinds == [.twoFactorConfigured])
        for effect in ["endOtherSessions", "closeAttempts", "renewSession", "replaceRecoveryCodes", "dropPending"] {
            #expect(decision.effects.contains(effect), "\(effect)")
        }
        #expect(world.session?.id == Fixture.sessionID)
        #expect(world.session?.digest != Fixture.session().digest)
        #expect(world.session?.methods == [.password, .otp])
        #expect(world.subject?.authenticators.map(\.name) == ["Blue phone"])
    }

    @Test("A further authenticator leaves the first one and its recovery codes")
    func further() throws {
        var world = Own.configured()
        _ = world.own(Own.enable(Own.right, Own.token()))
        let pending = try #require(world.subject?.pending)
        #expect(world.own(Own.pair(pending.secret)).outcome.label == "configured")
        #expect(world.subject?.authenticators.count == 2)
        #expect(world.subject?.recoveryCodes == [Fixture.recoveryCode])
    }

    @Test("No more than 8 authenticators")
    func eight() {
        var world = Own.configured {
            $0.authenticators = (0..<8).map {
                Fixture.authenticator(Authenticator.ID(random: FixedRandomSource(start: 100 + $0)))
            }
        }
        #expect(world.own(Own.enable(Own.right, Own.token())).outcome.label == "refused tooManyAuthenticators")
    }

    @Test("For 15 minutes after a recovery code a new authenticator takes the lost one's place without a token")
    func recovery() throws {
        var world = Own.configured()
        world.session = Fixture.session([.password, .lookUpSecret])
        world.session?.recoveryUntil = world.now + 1
        #expect(world.own(Own.enable()).outcome.label == "begun")
        let pending = try #require(world.subject?.pending)
        #expect(pending.replacesOthers)
        #expect(world.own(Own.pair(pending.secret)).outcome.label == "configured with codes")
        #expect(world.subject?.authenticators.count == 1)
        #expect(world.subject?.authenticators.first?.id != Fixture.authenticatorID)
        #expect(world.subject?.recoveryCodes.contains(Fixture.recoveryCode) == false)
        #expect(world.session?.recoveryUntil == nil, "one replacement, and the next change needs a token again")
    }

    @Test("At the end of that time the token is asked for again; the password always was")
    func recoveryOver() {
        var world = Own.configured()
        world.session?.recoveryUntil = world.now
        #expect(world.own(Own.enable()).outcome.label == "refused tokenRefused")
        world.session?.recoveryUntil = world.now + 1
        #expect(world.own(Own.enable(Own.wrong)).outcome.label == "refused wrongPassword")
    }

    @Test("A pending secret belongs to the session that began it, and expires", arguments: [true, false])
    func pending(expired: Bool) {
        var world = World(Fixture.person(), session: Fixture.session())
        world.subject?.pending = Fixture.pending(
            expired ? Fixture.sessionID : PortalSession.ID(random: FixedRandomSource(start: 99))
        )
        if expired { world.subject?.pending?.expiresAt = world.now }
        #expect(world.own(Own.pair(Fixture.pendingSecret)).outcome.label == "refused notFound")
        world.subject?.pending = Fixture.pending()
        #expect(world.own(Own.pair(Fixture.pendingSecret)).outcome.label == "refused notFound", "begun inside sign-in")
    }

    @Test("S-12a: cancelling drops the pending secret and leaves the login as it was")
    func cancel() {
        var world = World(
            Fixture.person { $0.pending = Fixture.pending(Fixture.sessionID) },
            session: Fixture.session()
        )
        #expect(world.own(.cancelEnrolment).outcome.label == "done")
        #expect(world.subject?.pending == nil)
        #expect(world.subject?.hasTwoFactor == false)
    }
}
