import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("Changing one's own login")
struct OwnChangeTests {
    /// Every event of a signed-in person.
    static let events: [(name: String, event: OwnEvent)] = [
        ("passwordSubmitted", .passwordSubmitted), ("passwordAbandoned", .passwordAbandoned(chargedAt: Fixture.now)),
        ("enable", Own.enable(Own.right, Own.token())), ("pair", Own.pair(Fixture.pendingSecret)),
        ("cancel", .cancelEnrolment), ("remove", .removeAuthenticator(Fixture.authenticatorID, Own.right, Own.token())),
        ("codes", .replaceRecoveryCodes(Own.right, Own.token())), ("keep", .keepRecoveryCodes),
        ("password", .changePassword(Own.right, Own.token(), Fixture.hash(9), keepsTokens: false)),
        ("profile", .changeProfile(name: "B", email: "")),
        ("endSession", .endSession(Fixture.sessionID)), ("endOthers", .endOtherSessions(keepsTokens: false)),
        ("signOut", .signOut),
        ("prove", .prove(Own.token())), ("provePassword", .provePassword(Own.right, .password)),
    ]

    enum Lost: CaseIterable {
        case none, idle, old, foreign, disabled, deleted

        func world() -> World {
            var world = Own.configured { $0.pending = Fixture.pending(Fixture.sessionID) }
            switch self {
            case .none: world.session = nil
            case .idle: world.session?.lastSeenAt = Fixture.now - 3_600
            case .old: world.session?.createdAt = Fixture.now - 12 * 3_600
            case .foreign: world.session?.userID = Fixture.otherUserID
            case .disabled: world.subject?.user.isEnabled = false
            case .deleted: world.subject = nil
            }
            return world
        }
    }

    @Test(
        "INV-5: without a live session of this user nothing is done, whatever is asked",
        arguments: events.indices,
        Lost.allCases
    )
    func signedOut(index: Int, lost: Lost) {
        var world = lost.world()
        let decision = world.own(Self.events[index].event)
        #expect(decision.outcome.label == "signed out", "\(Self.events[index].name)")
        #expect(decision.changesNothing)
    }

    @Test("The password is paid for before it is checked, on the budget of the sign-in page")
    func charge() {
        var world = Own.configured()
        #expect(world.own(.passwordSubmitted).effects == PasswordStepTests.charge)
        _ = world.own(.passwordAbandoned(chargedAt: world.now))
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == .clear)
        for _ in 1...5 {
            _ = world.own(.passwordSubmitted)
            _ = world.own(.changePassword(Own.wrong, Own.token(), Fixture.hash(9), keepsTokens: false))
        }
        #expect(world.own(.passwordSubmitted).outcome.label == "refused tooManyAttempts(seconds: 1)")
        #expect(world.signIn(.passwordSubmitted).outcome.label == "wait 1")
    }

    @Test("A wrong token of a change counts with those of the sign-in; the right password beside it is handed back")
    func tokenBudget() {
        var world = Own.configured()
        for _ in 1...10 {
            _ = world.own(.passwordSubmitted)
            let event = OwnEvent.replaceRecoveryCodes(Own.right, .token(Fixture.wrongCode()))
            #expect(world.own(event).outcome.label == "refused tokenRefused")
        }
        let event = OwnEvent.replaceRecoveryCodes(Own.right, Own.token())
        #expect(world.own(event).outcome.label == "refused tooManyAttempts(seconds: 900)")
        #expect(world.throttles[.login(.portalPassword, Fixture.loginDigest)] == .clear)
        world.attempt = Fixture.attempt(.token)
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "wait 900")
    }

    @Test("A closed factor and an unreadable secret refuse a change, too")
    func closed() {
        var world = Own.configured()
        world.throttles.states[.login(.token, Fixture.loginDigest)] = ThrottleState(consecutive: 100)
        let event = OwnEvent.replaceRecoveryCodes(Own.right, Own.token())
        #expect(world.own(event).outcome.label == "refused factorClosed")
        var broken = Own.configured { $0.authenticators[0].secret = .unreadable }
        #expect(broken.own(event).outcome.label == "refused unavailable")
    }

    @Test("Removing the last authenticator takes its recovery codes along and renews the session")
    func removeLast() {
        var world = Own.configured()
        let decision = world.own(.removeAuthenticator(Fixture.authenticatorID, Own.right, Own.token()))
        #expect(decision.outcome.label == "renewed")
        #expect(world.subject?.hasTwoFactor == false)
        #expect(world.subject?.recoveryCodes == [])
        #expect(
            decision.effects.suffix(5) == [
                "endOtherSessions", "closeAttempts", "endApplicationSessions", "renewSession", "knowBrowser",
            ]
        )
        #expect(world.session?.digest != Fixture.session().digest)
        #expect(decision.kinds == [.authenticatorRemoved])
    }

    @Test("S-36: while the account requires two-factor the last authenticator stays; one of two may go")
    func required() {
        var world = Own.configured { $0.account.requiresTwoFactor = true }
        let event = OwnEvent.removeAuthenticator(Fixture.authenticatorID, Own.right, Own.token())
        #expect(world.own(event).outcome.label == "refused requiredByAccount")
        #expect(world.subject?.hasTwoFactor == true)
        world.subject?.authenticators.append(Fixture.spare)
        #expect(world.own(event).outcome.label == "renewed")
        #expect(world.subject?.authenticators.map(\.id) == [Fixture.spareID])
        #expect(world.subject?.recoveryCodes == [Fixture.recoveryCode])
    }

    @Test("Removal needs password and token; an unknown authenticator is not found")
    func removalProof() {
        let id = Fixture.authenticatorID
        let refusals: [(OwnEvent, String)] = [
            (.removeAuthenticator(id, Own.wrong, Own.token()), "refused wrongPassword"),
            (.removeAuthenticator(id, Own.right, .none), "refused tokenRefused"),
            (.removeAuthenticator(id, Own.right, .token(Fixture.wrongCode())), "refused tokenRefused"),
            (.removeAuthenticator(Fixture.spareID, Own.right, Own.token()), "refused notFound"),
        ]
        for (event, expected) in refusals {
            var world = Own.configured()
            #expect(world.own(event).outcome.label == expected)
            #expect(world.subject?.hasTwoFactor == true)
        }
    }

    @Test("INV-9: a change refused for want of a token is told of, once a minute")
    func nothingTyped() throws {
        var world = Own.configured()
        let entry = try #require(world.own(.replaceRecoveryCodes(Own.right, .none)).commit.entries.first)
        #expect(entry.kind == .tokenRefused && entry.mergeKey != nil)
    }

    @Test("A time of recovery lets nobody remove an authenticator without a token")
    func recoveryRemovesNothing() {
        var world = Own.configured()
        world.session?.recoveryUntil = world.now + 900
        let event = OwnEvent.removeAuthenticator(Fixture.authenticatorID, Own.right, .none)
        #expect(world.own(event).outcome.label == "refused tokenRefused")
    }

    @Test("New recovery codes need password and token, and a configured login")
    func codes() {
        var world = Own.configured()
        #expect(world.own(.replaceRecoveryCodes(Own.right, Own.token())).outcome.label == "renewed")
        #expect(world.subject?.recoveryCodes.count == 10)
        #expect(world.subject?.recoveryCodes.contains(Fixture.recoveryCode) == false)
        var without = World(Fixture.person(), session: Fixture.session())
        #expect(without.own(.replaceRecoveryCodes(Own.right, .none)).outcome.label == "refused notFound")
    }

    @Test("Recovery codes are kept by a session that passed two-factor alone")
    func keep() {
        var passed = Own.configured { $0.hasUnkeptCodes = true }
        let decision = passed.own(.keepRecoveryCodes)
        #expect(decision.effects == ["keepRecoveryCodes"] && decision.kinds == [.recoveryCodesKept])
        var not = World(Fixture.configured(), session: Fixture.session())
        #expect(not.own(.keepRecoveryCodes).outcome.label == "refused accessDenied")
    }

    @Test("INV-9: saying again that the codes are kept is no news for the log")
    func keptAlready() {
        var world = Own.configured()
        let decision = world.own(.keepRecoveryCodes)
        #expect(decision.outcome.label == "done")
        #expect(decision.changesNothing)
    }

    @Test("A new password ends the agents' sessions, other sessions and half-finished sign-ins")
    func password() {
        var world = Own.configured { $0.pending = Fixture.pending(Fixture.sessionID) }
        let decision = world.own(.changePassword(Own.right, Own.token(), Fixture.hash(9), keepsTokens: false))
        #expect(decision.outcome.label == "renewed")
        for effect in [
            "setPassword", "endAgentSessions", "endAPITokens", "endOtherSessions", "closeAttempts", "renewSession",
        ] {
            #expect(decision.effects.contains(effect), "\(effect)")
        }
        #expect(world.subject?.passwordHash == Fixture.hash(9))
        #expect(world.subject?.pending == nil)
        #expect(world.session?.methods == [.password, .otp])
        #expect(decision.kinds == [.passwordChanged])
    }

    @Test("A wrong old password changes nothing")
    func wrongPassword() {
        var world = Own.configured()
        let decision = world.own(.changePassword(Own.wrong, Own.token(), Fixture.hash(9), keepsTokens: false))
        #expect(decision.outcome.label == "refused wrongPassword")
        #expect(decision.effects == [])
    }

    @Test("S-23: signing out ends this session; ending the others ends agents and half-finished sign-ins, too")
    func ending() {
        var world = Own.configured()
        let others = world.own(.endOtherSessions(keepsTokens: false))
        #expect(
            others.effects == [
                "endAgentSessions", "endAPITokens", "endOtherSessions", "closeAttempts", "endApplicationSessions",
                "renewSession", "knowBrowser",
            ]
        )
        #expect(world.session != nil)
        #expect(world.own(.signOut).outcome.label == "signed out")
        #expect(world.session == nil)
    }

    @Test("API tokens end with a clean-up unless the person keeps them, and always with the lost factor")
    func tokens() {
        for keeps in [true, false] {
            for event in [
                OwnEvent.changePassword(Own.right, Own.token(), Fixture.hash(9), keepsTokens: keeps),
                .endOtherSessions(keepsTokens: keeps),
            ] {
                var world = Own.configured()
                let decision = world.own(event)
                #expect(decision.effects.contains("endAPITokens") != keeps)
                let told = decision.commit.entries[0].parameters.last
                #expect(told == ActivityParameter("API tokens", keeps ? "kept" : "ended"))
            }
        }
        var pending = Fixture.pending(Fixture.sessionID)
        for replaces in [true, false] {
            pending.replacesOthers = replaces
            var world = Own.configured { $0.pending = pending }
            #expect(world.own(Own.pair(Fixture.pendingSecret)).effects.contains("endAPITokens") == replaces)
            var recovered = Own.configured { $0.pending = pending }
            recovered.session?.methods = [.password, .lookUpSecret]
            recovered.session?.proof = SessionProof(at: recovered.now, by: .lookUpSecret)
            #expect(recovered.own(Own.pair(Fixture.pendingSecret)).effects.contains("endAPITokens"))
            // The successor is there now: what is made with it stays when another phone comes.
            recovered.subject?.pending = Fixture.pending(Fixture.sessionID)
            #expect(!recovered.own(Own.pair(Fixture.pendingSecret)).effects.contains("endAPITokens"))
        }
        for code in [Own.token(), .recoveryCode(Fixture.recoveryCode)] {
            let isLost = if case .recoveryCode = code { true } else { false }
            var world = Own.configured()
            let removal = OwnEvent.removeAuthenticator(Fixture.authenticatorID, Own.right, code)
            #expect(world.own(removal).effects.contains("endAPITokens") == isLost)
            // Begun with a recovery code they end when the phone is connected, and not before.
            var enabling = Own.configured()
            #expect(!enabling.own(Own.enable(Own.right, code)).effects.contains("endAPITokens"))
            enabling.subject?.pending = Fixture.pending(Fixture.sessionID)
            #expect(enabling.own(Own.pair(Fixture.pendingSecret)).effects.contains("endAPITokens") == isLost)
        }
        // A code that nobody judges proves nothing.
        var recovering = Own.configured()
        recovering.session?.recoveryUntil = recovering.now + 900
        let unjudged = recovering.own(Own.enable(Own.right, .recoveryCode(Fixture.digest(0x99))))
        #expect(unjudged.outcome.label == "begun" && recovering.session?.proof?.method == .otp)
    }
}
