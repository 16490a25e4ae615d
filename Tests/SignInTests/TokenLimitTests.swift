import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("Limits of the token step")
struct TokenLimitTests {
    static let tokenKey = ThrottleKey.login(.token, Fixture.loginDigest)

    /// Wrong tokens in fresh attempts, paced so that the window never closes.
    private func world(afterWrongTokens count: Int) -> World {
        var world = World.atToken()
        for _ in 0..<count {
            world.now = world.now + 100
            world.attempt = Fixture.attempt(.token)
            world.attempt?.expiresAt = world.now + 600
            _ = world.signIn(.tokenSubmitted(Fixture.wrongCode(at: world.now)))
        }
        return world
    }

    @Test("S-26: the fifth wrong token in one attempt ends it, so that the password is asked again")
    func fiveInOneAttempt() {
        var world = World.atToken()
        for _ in 1...4 {
            #expect(world.signIn(.tokenSubmitted(Fixture.wrongCode())).outcome.label == "token refused")
        }
        #expect(world.attempt?.wrongTokens == 4)
        let fifth = world.signIn(.tokenSubmitted(Fixture.wrongCode()))
        #expect(fifth.outcome.label == "start again")
        #expect(fifth.kinds == [.tokenRefused])
        #expect(world.attempt == nil)
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "expired")
    }

    @Test("Wrong recovery codes count towards the five of the attempt")
    func mixed() {
        var world = World.atToken()
        for _ in 1...4 { _ = world.signIn(.tokenSubmitted(Fixture.wrongCode())) }
        #expect(world.signIn(.recoveryCodeSubmitted(Fixture.digest(0x52))).outcome.label == "start again")
    }

    @Test("What is no code at all is refused, costs nothing, and is told once a minute")
    func noCode() {
        var world = World.atToken()
        for _ in 1...20 {
            let decision = world.signIn(.tokenSubmitted(nil))
            #expect(decision.outcome.label == "token refused")
            #expect(decision.commit.effects.isEmpty)
            #expect(decision.commit.entries.map(\.mergeKey) == ["no_code aaaaaaaaaaaaaaaa \(world.now.seconds / 60)"])
        }
    }

    @Test("S-26, INV-3: after 10 wrong tokens in 15 minutes not even a right one is judged, over all attempts")
    func tenInWindow() {
        var world = World.atToken()
        for number in 0..<10 {
            if world.attempt == nil { _ = world.password(Fixture.rightPassword) }
            world.now = world.now + 1
            let label = world.signIn(.tokenSubmitted(Fixture.wrongCode(at: world.now))).outcome.label
            #expect(label == (number % 5 == 4 ? "start again" : "token refused"))
        }
        _ = world.password(Fixture.rightPassword)
        let refused = world.signIn(.tokenSubmitted(Fixture.code(at: world.now)))
        #expect(refused.outcome.label == "wait 891")
        #expect(refused.effects == [])
        #expect(refused.kinds == [.limitReached])
        // The first of the ten leaves the window, and one more is judged.
        world.now = Fixture.now + 1 + 900
        _ = world.password(Fixture.rightPassword)
        #expect(world.signIn(.tokenSubmitted(Fixture.code(at: world.now))).outcome.label == "signed in")
    }

    @Test("While tokens are used up, a recovery code is judged on a budget of its own")
    func recoveryBudget() {
        var world = World.atToken()
        world.throttles.states[Self.tokenKey] = ThrottleState(
            consecutive: 10,
            recent: Array(repeating: Fixture.now, count: 10)
        )
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "wait 900")
        #expect(world.signIn(.recoveryCodeSubmitted(Fixture.digest(0x52))).outcome.label == "token refused")
        #expect(world.signIn(.recoveryCodeSubmitted(Fixture.recoveryCode)).outcome.label == "signed in")
    }

    @Test("10 wrong recovery codes in 15 minutes use their budget up, and leave that of the tokens alone")
    func recoveryCodesUsedUp() {
        var world = World.atToken()
        for _ in 1...10 {
            world.attempt = Fixture.attempt(.token)
            _ = world.signIn(.recoveryCodeSubmitted(Fixture.digest(0x52)))
        }
        world.attempt = Fixture.attempt(.token)
        #expect(world.signIn(.recoveryCodeSubmitted(Fixture.recoveryCode)).outcome.label == "wait 900")
        #expect(world.throttles[Self.tokenKey] == .clear)
        #expect(world.signIn(.tokenSubmitted(Fixture.code())).outcome.label == "signed in")
    }

    @Test("S-26: the 100th wrong token in a row closes the factor, is logged, and a recovery code opens it again")
    func closing() {
        var world = world(afterWrongTokens: 99)
        world.now = world.now + 100
        world.attempt = Fixture.attempt(.token)
        world.attempt?.expiresAt = world.now + 600
        let last = world.signIn(.tokenSubmitted(Fixture.wrongCode(at: world.now)))
        #expect(last.outcome.label == "token refused")
        #expect(last.kinds == [.tokenRefused, .factorClosed])
        // No time opens it.
        world.now = world.now + 10_000_000
        world.attempt?.expiresAt = world.now + 600
        #expect(world.signIn(.tokenSubmitted(Fixture.code(at: world.now))).outcome.label == "closed")
        #expect(world.signIn(.recoveryCodeSubmitted(Fixture.recoveryCode)).outcome.label == "signed in")
        #expect(world.throttles[Self.tokenKey].consecutive == 0)
        world.attempt = Fixture.attempt(.token)
        world.attempt?.expiresAt = world.now + 600
        #expect(world.signIn(.tokenSubmitted(Fixture.code(at: world.now))).outcome.label == "signed in")
    }

    @Test("An accepted token clears the run of wrong ones, but not the window")
    func cleared() {
        var world = world(afterWrongTokens: 5)
        #expect(world.throttles[Self.tokenKey].consecutive == 5)
        #expect(world.signIn(.tokenSubmitted(Fixture.code(at: world.now))).outcome.label == "signed in")
        #expect(world.throttles[Self.tokenKey].consecutive == 0)
        #expect(world.throttles[Self.tokenKey].recent.count == 5)
    }

    @Test("Wrong recovery codes and wrong tokens share the counter of their address")
    func address() {
        var world = World.atToken()
        _ = world.signIn(.tokenSubmitted(Fixture.wrongCode()))
        _ = world.signIn(.recoveryCodeSubmitted(Fixture.digest(0x52)))
        #expect(world.throttles[.address(.token, "192.0.2.7")].recent.count == 2)
        #expect(world.throttles[.address(.recoveryCode, "192.0.2.7")] == .clear)
    }
}
