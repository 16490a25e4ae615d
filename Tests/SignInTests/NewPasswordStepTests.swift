import Accounts
import Secrets
import SignIn
import Testing

@Suite("The step of a new password")
struct NewPasswordStepTests {
    @Test("A password that is due is asked for after the password")
    func due() {
        var world = World(Fixture.person { $0.mustChangePassword = true })
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> new_password")
        #expect(world.session == nil)
    }

    @Test("INV-4: a configured login changes a due password after its token, not before")
    func afterToken() {
        var world = World(Fixture.configured { $0.mustChangePassword = true })
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> token")
        #expect(world.signIn(.newPasswordHashed(Fixture.hash(4))).outcome.label == "expired")
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "-> new_password")
        #expect(world.signIn(.newPasswordHashed(Fixture.hash(4))).outcome.label == "signed in")
        #expect(world.session?.methods == [.password, .otp])
        #expect(world.subject?.passwordHash == Fixture.hash(4))
    }

    @Test("S-38: who must enrol, too, does that after the new password")
    func thenEnrolment() {
        var world = World(Fixture.required { $0.mustChangePassword = true })
        #expect(world.password(Fixture.rightPassword).outcome.label == "-> new_password")
        #expect(world.signIn(.newPasswordHashed(Fixture.hash(4))).outcome.label == "-> enrolment")
        #expect(world.session == nil)
    }

    @Test("A new password ends everything that the old one opened, other half-finished sign-ins too")
    func ends() throws {
        var world = Place.newPassword.world
        let decision = world.signIn(.newPasswordHashed(Fixture.hash(4)))
        for effect in ["setPassword", "endSessions", "endAgentSessions", "closeAttempts", "dropPending"] {
            #expect(decision.effects.contains(effect), "\(effect)")
        }
        let ended = try #require(decision.effects.firstIndex(of: "endSessions"))
        let begun = try #require(decision.effects.firstIndex(of: "insertSession"))
        #expect(ended < begun, "the new session outlives the ending of the old ones")
        #expect(decision.kinds == [.passwordChanged, .signedIn])
    }

    @Test("The sign-in goes on in a new attempt after all of them were closed")
    func goesOn() throws {
        var world = World(Fixture.required { $0.mustChangePassword = true }, attempt: Fixture.attempt(.newPassword))
        let decision = world.signIn(.newPasswordHashed(Fixture.hash(4)))
        let closed = try #require(decision.effects.firstIndex(of: "closeAttempts"))
        let opened = try #require(decision.effects.firstIndex(of: "insertAttempt"))
        #expect(closed < opened)
        #expect(decision.effects.first == "closeAttempt", "guarded by its version, before it is gone")
        #expect(world.attempt?.id != Fixture.attemptID)
        #expect(world.attempt?.returnTo == "/devices")
    }
}
