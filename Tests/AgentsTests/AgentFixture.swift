import Accounts
import Agents
import OneTimePassword
import Secrets
import SignIn

struct FixedRandomSource: RandomSource {
    var start: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { start &+ UInt8(truncatingIfNeeded: $0) }
    }
}

enum Agent {
    static let now = UnixTime(seconds: 1_790_000_000)
    static let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", userAgent: "agent/1")
    static let loginDigest = TokenDigest(bytes: Array(repeating: 0xAA, count: 32))!
    static let accountID = Account.ID(random: FixedRandomSource(start: 1))
    static let userID = User.ID(random: FixedRandomSource(start: 2))
    static let sessionID = AgentSession.ID(random: FixedRandomSource(start: 3))
    static let sessionDigest = TokenDigest(bytes: Array(repeating: 0xBB, count: 32))!
    static let right = PasswordCheck(against: hash(1), matches: true)
    static let wrong = PasswordCheck(against: hash(1), matches: false)

    static let machine = AgentMachine(now: now, source: source, sessionID: sessionID, sessionDigest: sessionDigest)

    static let authenticator = Authenticator(
        id: Authenticator.ID(random: FixedRandomSource(start: 4)),
        name: "Phone",
        secret: .unreadable,
        lastAcceptedStep: TimeStep(rawValue: 0),
        createdAt: now
    )

    static let session = AgentSession(
        id: sessionID,
        digest: sessionDigest,
        userID: userID,
        accountID: accountID,
        createdAt: now,
        expiresAt: now + 600,
        address: "192.0.2.7",
        userAgent: ""
    )

    static func hash(_ byte: UInt8) -> PasswordHash {
        PasswordHash(
            parameters: .current,
            salt: Array(repeating: byte, count: 16),
            tag: Array(repeating: byte, count: 32)
        )!
    }

    static func person(_ change: (inout Subject) -> Void = { _ in }) -> Subject {
        var subject = Subject(
            user: User(id: userID, accountID: accountID, login: "ana", name: "Ana"),
            account: Account(id: accountID, name: "Example"),
            passwordHash: hash(1)
        )
        change(&subject)
        return subject
    }

    static func state(_ change: (inout Subject) -> Void = { _ in }) -> SignInState {
        SignInState(subject: person(change), loginDigest: loginDigest)
    }
}

extension AgentOutcome {
    var label: String {
        switch self {
        case .checkPassword(let hash): hash == nil ? "check decoy" : "check hash"
        case .signedIn: "signed in"
        case .credentialsRefused: "refused"
        case .tooManyAttempts(let seconds): "wait \(seconds)"
        case .passwordExpired: "expired"
        case .agentNotAllowed: "not allowed"
        case .unavailable: "unavailable"
        }
    }
}

extension Decision {
    var opensSession: Bool {
        commit.effects.contains { effect in
            if case .insertAgentSession = effect { return true }
            return false
        }
    }
}
