import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("A fresh proof of a session")
struct ProofTests {
    private static let quarter: Int64 = 15 * 60

    @Test("A proof is fresh for fifteen minutes, and a password is none for whoever has a factor")
    func freshness() {
        let now = Fixture.now
        for method in AuthenticationMethod.allCases {
            var session = Fixture.session()
            for (age, isFresh) in [
                (Int64(0), true), (Self.quarter - 1, true), (Self.quarter, false), (86_400, false), (-5, true),
                (-60, false),
            ] {
                session.proof = SessionProof(at: now - age, by: method)
                #expect(session.hasProof(.password, hasTwoFactor: true, at: now) == isFresh)
                #expect(session.hasProof(.strongest, hasTwoFactor: false, at: now) == isFresh)
                #expect(session.hasProof(.strongest, hasTwoFactor: true, at: now) == (isFresh && method != .password))
            }
            session.proof = nil
            #expect(!session.hasProof(.password, hasTwoFactor: false, at: now))
        }
    }

    @Test("Signing in is a proof, by the strongest that was shown")
    func signIn() throws {
        var world = World.atToken()
        _ = world.signIn(.tokenSubmitted(Fixture.code()))
        #expect(world.session?.proof == SessionProof(at: world.now, by: .otp))
        var recovered = World.atToken()
        _ = recovered.signIn(.recoveryCodeSubmitted(Fixture.recoveryCode))
        #expect(recovered.session?.proof == SessionProof(at: recovered.now, by: .lookUpSecret))
        var plain = World(Fixture.person())
        _ = plain.password(Fixture.rightPassword)
        #expect(plain.session?.proof == SessionProof(at: plain.now, by: .password))
    }

    @Test("So is configuring a factor, and every change that took a token")
    func changes() {
        var enrolling = World(
            Fixture.person { $0.pending = Fixture.pending(Fixture.sessionID) },
            session: Fixture.session()
        )
        _ = enrolling.own(Own.pair(Fixture.pendingSecret))
        #expect(enrolling.session?.proof == SessionProof(at: enrolling.now, by: .otp))
        for event in [
            OwnEvent.changePassword(Own.right, Own.token(), Fixture.hash(9), keepsTokens: false),
            .removeAuthenticator(Fixture.authenticatorID, Own.right, Own.token()),
        ] {
            var world = Self.stale()
            _ = world.own(event)
            #expect(world.session?.proof == SessionProof(at: world.now, by: .otp))
        }
    }

    /// Somebody who has two-factor, whose last proof is long ago.
    static func stale(_ change: (inout Subject) -> Void = { _ in }) -> World {
        var world = Own.configured(change)
        world.session?.proof = SessionProof(at: Fixture.now - quarter, by: .otp)
        return world
    }

    @Test("A proof gives the session a new token, opens a quarter of an hour, and ends nobody's work")
    func renewed() {
        let wrong = OwnEvent.prove(.token(Fixture.wrongCode()))
        for (code, method) in [
            (Own.token(), AuthenticationMethod.otp), (.recoveryCode(Fixture.recoveryCode), .lookUpSecret),
        ] {
            var world = Self.stale()
            let old = world.session
            _ = world.own(wrong)
            let decision = world.own(.prove(code))
            #expect(decision.outcome.label == "renewed")
            #expect(!decision.effects.contains("endOtherSessions") && decision.effects.last == "renewSession")
            #expect(world.session?.digest != old?.digest && world.session?.id == old?.id)
            #expect(world.session?.methods == old?.methods && world.session?.recoveryUntil == nil)
            #expect(world.session?.proof == SessionProof(at: world.now, by: method))
            #expect(world.session?.wrongProofs == 0)
            #expect(decision.kinds.last == .proofGiven)
        }
    }

    @Test("Whoever has copied the session's token sees neither a new secret nor new codes, nor survives a clean-up")
    func renewals() {
        for event in [
            Own.enable(Own.right, Own.token()), .replaceRecoveryCodes(Own.right, Own.token()),
            .endOtherSessions(keepsTokens: true),
        ] {
            var world = Own.configured()
            let old = world.session
            let decision = world.own(event)
            #expect(decision.effects.contains("renewSession"), "\(decision.outcome.label)")
            #expect(world.session?.digest != old?.digest && world.session?.id == old?.id)
        }
        // The password of somebody who has a factor proves no more than it did.
        var ending = Self.stale()
        _ = ending.own(.provePassword(Own.right, .password))
        _ = ending.own(.endOtherSessions(keepsTokens: true))
        #expect(ending.session?.proof?.method == .password)
    }

    @Test("A code is spent by the proof (B05)")
    func spent() {
        var world = Self.stale()
        _ = world.own(.prove(Own.token()))
        #expect(world.own(.prove(Own.token())).outcome.label == "refused tokenRefused")
    }

    @Test("The fifth wrong proof in a row ends the session, token and password alike; a right one clears the count")
    func wrong() {
        let token = OwnEvent.prove(.token(Fixture.wrongCode()))
        let password = OwnEvent.provePassword(Own.wrong, .password)
        for events in [[token, token, token, token, token], [password, token, password, token, password]] {
            var world = Self.stale()
            for (index, event) in events.enumerated() {
                let decision = world.own(event)
                #expect((decision.outcome.label == "ended") == (index == 4))
            }
            #expect(world.session == nil)
        }
        var world = Self.stale()
        for _ in 1...4 { _ = world.own(token) }
        _ = world.own(.prove(Own.token()))
        for _ in 1...4 { _ = world.own(token) }
        #expect(world.session != nil)
    }

    @Test("What is no code is no guess and costs nothing")
    func noCode() {
        var world = Self.stale()
        for _ in 1...9 { #expect(world.own(.prove(.none)).outcome.label == "refused tokenRefused") }
        #expect(world.session?.wrongProofs == 0)
    }

    @Test("Wrong tokens count on the budget of the sign-in")
    func budget() {
        var world = Self.stale()
        for _ in 1...10 {
            world.session?.wrongProofs = 0
            _ = world.own(.prove(.token(Fixture.wrongCode())))
        }
        #expect(world.own(.prove(Own.token())).outcome.label == "refused tooManyAttempts(seconds: 900)")
    }

    @Test("A password is no proof for what needs a factor")
    func password() {
        var world = Self.stale()
        #expect(world.own(.provePassword(Own.right, .strongest)).outcome.label == "refused notFound")
        #expect(world.own(.provePassword(Own.right, .password)).outcome.label == "renewed")
        #expect(world.own(.changeProfile(name: "B", email: "b@example.org")).outcome.label == "needs proof strongest")
        var without = World(Fixture.person(), session: Fixture.session())
        without.session?.proof = nil
        #expect(without.own(.prove(Own.token())).outcome.label == "refused notFound")
        #expect(without.own(.provePassword(Own.right, .strongest)).outcome.label == "renewed")
        #expect(without.own(.changeProfile(name: "B", email: "b@example.org")).outcome.label == "done")
    }

    @Test("A changed e-mail needs a fresh proof, a changed name does not")
    func email() {
        var world = Self.stale { $0.user.email = "a@example.org" }
        #expect(world.own(.changeProfile(name: "B", email: "a@example.org")).outcome.label == "done")
        for email in ["b@example.org", ""] {
            let decision = world.own(.changeProfile(name: "B", email: email))
            #expect(decision.outcome.label == "needs proof strongest")
            #expect(decision.changesNothing)
        }
        _ = world.own(.prove(Own.token()))
        #expect(world.own(.changeProfile(name: "B", email: "b@example.org")).outcome.label == "done")
    }

    @Test("Ending sessions asks for the password alone; ending this very one for nothing")
    func ending() {
        let events: [OwnEvent] = [
            .endOtherSessions(keepsTokens: false),
            .endSession(PortalSession.ID(random: FixedRandomSource(start: 0x41))),
            .endAgentSession(AgentSession.ID(random: FixedRandomSource(start: 0x42))),
        ]
        for event in events {
            var world = Self.stale()
            let refused = world.own(event)
            #expect(refused.outcome.label == "needs proof password")
            #expect(refused.changesNothing)
            _ = world.own(.provePassword(Own.right, .password))
            #expect(["done", "renewed"].contains(world.own(event).outcome.label))
        }
        var world = Self.stale()
        #expect(world.own(.endSession(Fixture.sessionID)).outcome.label == "done")
        var other = Self.stale()
        #expect(other.own(.signOut).outcome.label == "signed out")
    }

    @Test("A new password needs a token of whoever has a factor, however fresh the proof")
    func newPassword() {
        for code in [ProofCode.none, .token(Fixture.wrongCode())] {
            var world = Own.configured()
            let decision = world.own(.changePassword(Own.right, code, Fixture.hash(9), keepsTokens: false))
            #expect(decision.outcome.label == "refused tokenRefused")
            #expect(world.subject?.passwordHash == Fixture.password)
        }
        var world = Own.configured()
        let event = OwnEvent.changePassword(
            Own.right,
            .recoveryCode(Fixture.recoveryCode),
            Fixture.hash(9),
            keepsTokens: false
        )
        #expect(world.own(event).outcome.label == "renewed")
        var without = World(Fixture.person(), session: Fixture.session())
        #expect(
            without.own(.changePassword(Own.right, .none, Fixture.hash(9), keepsTokens: false)).outcome.label
                == "renewed"
        )
        #expect(without.session?.proof?.method == .password)
    }
}
