import Accounts
import OneTimePassword
import Secrets
import SignIn
import Testing

/// Splitmix64: the same walk for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("Any sequence of events")
struct RandomWalkTests {
    static let seeds = Array(UInt64(1)...8)
    /// 3,200 sequences for INV-4; fewer for the rest, where codes by the hundred are computed.
    static let manyWalks = 400
    static let walks = 60
    static let length = 14

    /// What the walks came to, so that a walk which never gets anywhere is seen.
    struct Reached {
        var signedIn = 0
        var enrolled = 0
    }

    /// Random events, time passing between them, changes by others in between.
    private func walk(
        _ start: World,
        _ generator: inout SeededGenerator,
        _ look: (World, SignInDecision) -> Void
    ) {
        var world = start
        for _ in 0..<Self.length {
            world.now = world.now + Int64.random(in: 0...40, using: &generator)
            let name = EventName.allCases.randomElement(using: &generator) ?? .token
            let before = world
            look(before, world.signIn(event(name, world, &generator)))
        }
    }

    private func event(_ name: EventName, _ world: World, _ generator: inout SeededGenerator) -> SignInEvent {
        let offset = Int64.random(in: -2...2, using: &generator)
        let chargedAt = world.now - Int64.random(in: 0...2, using: &generator)
        switch name {
        case .right:
            let check = PasswordCheck(against: world.subject?.passwordHash ?? Fixture.password, matches: true)
            return .passwordChecked(check, chargedAt: chargedAt)
        case .token: return .tokenSubmitted(Fixture.code(offset, at: world.now))
        case .wrongToken: return .tokenSubmitted(Fixture.wrongCode(at: world.now))
        case .pair:
            let secret = world.subject?.pending?.secret ?? Fixture.pendingSecret
            return .pairSubmitted(
                Fixture.code(offset, of: secret, at: world.now),
                Fixture.code(offset + 1, of: secret, at: world.now)
            )
        default: return name.event
        }
    }

    @Test(
        "INV-4: for a configured login none ends in a session without a second factor recorded in that decision or before",
        arguments: seeds
    )
    func configured(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var reached = Reached()
        for _ in 0..<Self.manyWalks {
            let start = Bool.random(using: &generator) ? nil : Place.allCases.randomElement(using: &generator)?.attempt
            let mustChange = Bool.random(using: &generator)
            let isRequired = Bool.random(using: &generator)
            var subject = Fixture.configured {
                $0.mustChangePassword = mustChange
                $0.account.requiresTwoFactor = isRequired
                $0.pending = Fixture.pending()
            }
            // An attempt that lacks the token is never past its stage; the store holds no other kind.
            var attempt = start
            if attempt?.stage != .token, attempt?.stage != .enrolmentPassword { attempt = nil }
            if Bool.random(using: &generator) { subject.authenticators.append(Fixture.spare) }
            var isRecorded = false
            walk(World(subject, attempt: attempt), &generator) { before, decision in
                let records = decision.commit.effects.contains { $0.recordsSecondFactor }
                switch decision.outcome {
                case .enrolled: Issue.record("a configured login was enrolled again")
                case .signedIn(let session, _):
                    reached.signedIn += 1
                    let proven = records || before.attempt?.methods.passedTwoFactor == true && isRecorded
                    #expect(proven && session.methods.passedTwoFactor)
                default:
                    #expect(!decision.effects.contains("insertSession") && !decision.effects.contains("renewSession"))
                }
                if records { isRecorded = true }
                #expect(!decision.effects.contains("insertAuthenticator"))
            }
        }
        #expect(reached.signedIn > 0)
    }

    @Test("S-35: where two-factor is required none ends in a session without it", arguments: seeds)
    func required(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var reached = Reached()
        for _ in 0..<Self.walks {
            let mustChange = Bool.random(using: &generator)
            let start = [nil, Place.enrolment, .enrolmentPassword].randomElement(using: &generator) ?? nil
            let subject = Fixture.required {
                $0.mustChangePassword = mustChange
                $0.pending = Fixture.pending()
            }
            walk(World(subject, attempt: mustChange ? nil : start?.attempt), &generator) { before, decision in
                switch decision.outcome {
                case .enrolled(let session, _):
                    reached.enrolled += 1
                    #expect(session.methods.passedTwoFactor)
                    #expect(decision.effects.contains("insertAuthenticator"))
                case .signedIn(let session, _):
                    #expect(session.methods.passedTwoFactor)
                    #expect(before.subject?.hasTwoFactor == true)
                default: break
                }
            }
        }
        #expect(reached.enrolled > 0)
    }

    @Test("INV-1, INV-2: accepted steps of an authenticator strictly increase", arguments: seeds)
    func increasing(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<Self.walks {
            walk(World.atToken(), &generator) { before, decision in
                for case .acceptStep(let id, let step, _) in decision.commit.effects {
                    let last = before.subject?.authenticators.first { $0.id == id }?.lastAcceptedStep
                    #expect(last.map { $0 < step } == true)
                }
            }
        }
    }

    @Test("INV-9: every refusal and every step has an entry, or has changed nothing at all", arguments: seeds)
    func logged(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<Self.walks {
            walk(World.atToken(), &generator) { _, decision in
                switch decision.outcome {
                case .checkPassword, .unavailable, .attemptExpired, .showEnrolment: break
                case .tokenRefused: #expect(decision.changesNothing || !decision.kinds.isEmpty)
                default:
                    let isSilent =
                        decision.outcome.label == "-> new_password" || decision.outcome.label == "-> enrolment"
                    #expect(isSilent || !decision.kinds.isEmpty)
                }
            }
        }
    }
}
