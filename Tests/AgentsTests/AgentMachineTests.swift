import Accounts
import Agents
import OneTimePassword
import Secrets
import SignIn
import Testing

@Suite("Sign-in of an agent")
struct AgentMachineTests {
    @Test(
        "S-07, S-08: login and password open it, two-factor configured or not, required or not",
        arguments: [true, false],
        [true, false]
    )
    func passwordOnly(configured: Bool, required: Bool) throws {
        let state = Agent.state {
            $0.account.requiresTwoFactor = required
            $0.authenticators = configured ? [Agent.authenticator] : []
        }
        let decision = Agent.machine.decide(state, .passwordChecked(Agent.right, chargedAt: Agent.now))
        guard case .signedIn(let session, let user, _) = decision.outcome else {
            Issue.record("not signed in: \(decision.outcome.label)")
            return
        }
        #expect(user.id == Agent.userID)
        #expect(session.expiresAt == Agent.now + 12 * 3_600)
        #expect(decision.commit.entries.map(\.kind) == [.agentSignedIn])
    }

    @Test("S-08a, S-08b: what it opens is an agent session, never a portal session or an attempt")
    func nothingElse() {
        let decision = Agent.machine.decide(Agent.state(), .passwordChecked(Agent.right, chargedAt: Agent.now))
        for effect in decision.commit.effects {
            switch effect {
            case .saveThrottle, .insertAgentSession: break
            default: Issue.record("an agent's sign-in wrote something else")
            }
        }
    }

    struct Row: CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout Subject) -> Void
        let expected: String

        var testDescription: String { "\(name): \(expected)" }
    }

    static let rows: [Row] = [
        Row(
            name: "switched off in the account",
            change: { $0.account.allowsAgentSignIn = false },
            expected: "not allowed"
        ),
        Row(name: "switched off by a role", change: { $0.permissions.agent = false }, expected: "not allowed"),
        Row(name: "password due", change: { $0.mustChangePassword = true }, expected: "expired"),
        Row(name: "disabled", change: { $0.user.isEnabled = false }, expected: "refused"),
        Row(name: "invited", change: { $0.passwordHash = nil }, expected: "refused"),
        Row(name: "password changed meanwhile", change: { $0.passwordHash = Agent.hash(2) }, expected: "refused"),
        Row(
            name: "disabled and switched off",
            change: {
                $0.user.isEnabled = false
                $0.account.allowsAgentSignIn = false
            },
            expected: "refused"
        ),
    ]

    @Test("Whoever may not is refused, opens nothing, and has one entry", arguments: rows)
    func refused(row: Row) {
        let decision = Agent.machine.decide(
            Agent.state(row.change),
            .passwordChecked(Agent.right, chargedAt: Agent.now)
        )
        #expect(decision.outcome.label == row.expected)
        #expect(decision.commit.entries.map(\.kind) == [.agentRefused])
        #expect(!decision.opensSession)
    }

    @Test("A wrong password learns nothing that a right one would not", arguments: rows)
    func wrong(row: Row) {
        let decision = Agent.machine.decide(
            Agent.state(row.change),
            .passwordChecked(Agent.wrong, chargedAt: Agent.now)
        )
        let isShut = row.expected == "not allowed"
        #expect(decision.outcome.label == (isShut ? "not allowed" : "refused"))
        // Where the door was shut meanwhile the charge goes back.
        #expect(decision.commit.effects.isEmpty || isShut)
    }

    @Test(
        "Where the door is switched off nothing is hashed and nothing charged, whatever the limits say",
        arguments: rows
    )
    func shutDoor(row: Row) {
        var state = Agent.state(row.change)
        for _ in 1...2 {
            let decision = Agent.machine.decide(state, .passwordSubmitted)
            if row.expected == "not allowed" {
                #expect(decision.outcome.label == "not allowed")
                #expect(decision.commit.effects.isEmpty)
                #expect(decision.commit.entries.map(\.kind) == [.agentRefused])
                #expect(decision.commit.entries.allSatisfy { $0.mergeKey != nil }, "one entry a minute")
            } else {
                #expect(decision.outcome.label != "not allowed")
            }
            for key in Throttles.keys(.agentPassword, login: Agent.loginDigest, source: Agent.source) {
                state.throttles.states[key] = ThrottleState(consecutive: 50, blockedUntil: Agent.now + 900)
            }
        }
    }

    @Test("An unknown login has the same answer, and an entry without its text")
    func unknown() throws {
        var state = Agent.state()
        state.subject = nil
        let first = Agent.machine.decide(state, .passwordSubmitted)
        #expect(first.outcome.label == "check decoy")
        #expect(first.commit.effects.count == 2)
        let decision = Agent.machine.decide(state, .passwordChecked(Agent.right, chargedAt: Agent.now))
        #expect(decision.outcome.label == "refused")
        let entry = try #require(decision.commit.entries.first)
        #expect(entry.kind == .unknownLoginRefused)
        #expect(entry.parameters.map(\.name) == ["at", "login digest"])
    }

    @Test("S-26: failures of agents are counted apart from those at the portal, in both directions")
    func apart() throws {
        var state = Agent.state()
        for _ in 1...5 {
            for case .saveThrottle(let key, let next) in Agent.machine.decide(state, .passwordSubmitted).commit.effects
            {
                state.throttles.states[key] = next
            }
        }
        let refused = Agent.machine.decide(state, .passwordSubmitted)
        #expect(refused.outcome.label == "wait 1")
        #expect(refused.commit.effects.isEmpty)
        #expect(refused.commit.entries.map(\.kind) == [.limitReached])
        let portal = Throttles.keys(.portalPassword, login: Agent.loginDigest, source: Agent.source)
        #expect(state.throttles.verdict(portal, at: Agent.now) == .open)

        var other = Agent.state()
        for key in portal {
            other.throttles.states[key] = ThrottleState(consecutive: 50, blockedUntil: Agent.now + 900)
        }
        #expect(Agent.machine.decide(other, .passwordSubmitted).outcome.label == "check hash")
    }

    @Test("A closed token factor does not concern agents")
    func closedFactor() {
        var state = Agent.state()
        state.throttles.states[.login(.token, Agent.loginDigest)] = ThrottleState(consecutive: 100)
        #expect(Agent.machine.decide(state, .passwordSubmitted).outcome.label == "check hash")
    }

    @Test("A right password hands its charge back, an abandoned check too")
    func handedBack() {
        for event in [
            AgentEvent.passwordChecked(Agent.right, chargedAt: Agent.now), .passwordAbandoned(chargedAt: Agent.now),
        ] {
            var state = Agent.state()
            for step in [AgentEvent.passwordSubmitted, event] {
                for case .saveThrottle(let key, let next) in Agent.machine.decide(state, step).commit.effects {
                    state.throttles.states[key] = next
                }
            }
            #expect(state.throttles.states.values.allSatisfy { $0 == .clear })
        }
    }

    @Test("INV-5: an agent's session ends with its time, its user, the account's switch and its role")
    func view() {
        func isOpen(at now: UnixTime, _ change: (inout Subject) -> Void = { _ in }) -> Bool {
            let subject = Agent.person(change)
            return AgentView(
                session: Agent.session,
                user: subject.user,
                account: subject.account,
                permissions: subject.permissions
            ).isOpen(at: now)
        }
        #expect(isOpen(at: Agent.now))
        #expect(isOpen(at: Agent.session.expiresAt - 1))
        #expect(!isOpen(at: Agent.session.expiresAt))
        #expect(!isOpen(at: Agent.now) { $0.user.isEnabled = false })
        #expect(!isOpen(at: Agent.now) { $0.account.allowsAgentSignIn = false })
        #expect(!isOpen(at: Agent.now) { $0.permissions.agent = false })
        #expect(isOpen(at: Agent.now) { $0.account.requiresTwoFactor = true }, "S-08")
    }
}
