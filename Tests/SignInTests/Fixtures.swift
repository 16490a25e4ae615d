import Accounts
import OneTimePassword
import Secrets
import SignIn

/// Bytes that count up from a start, the same at each call.
struct FixedRandomSource: RandomSource {
    var start: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { start &+ UInt8(truncatingIfNeeded: $0) }
    }
}

/// The people and values that the tests share.
enum Fixture {
    /// The middle of a step, so that a few seconds more or less are the same step.
    static let step = TimeStep(rawValue: 59_666_000)
    static let now = UnixTime(seconds: 59_666_000 * 30 + 15)
    static let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", userAgent: "Test")
    static let loginDigest = digest(0xAA)
    static let accountID = Account.ID(random: FixedRandomSource(start: 1))
    static let userID = User.ID(random: FixedRandomSource(start: 2))
    static let otherUserID = User.ID(random: FixedRandomSource(start: 3))
    static let authenticatorID = Authenticator.ID(random: FixedRandomSource(start: 4))
    static let spareID = Authenticator.ID(random: FixedRandomSource(start: 5))
    static let attemptID = SignInAttempt.ID(random: FixedRandomSource(start: 6))
    static let sessionID = PortalSession.ID(random: FixedRandomSource(start: 7))

    static let secret = try! OTPSharedSecret(bytes: (0..<20).map { $0 &* 7 &+ 3 })
    static let spareSecret = try! OTPSharedSecret(bytes: (0..<20).map { $0 &* 11 &+ 5 })
    static let pendingSecret = try! OTPSharedSecret(bytes: (0..<20).map { $0 &* 13 &+ 9 })

    static let password = hash(1)
    static let rightPassword = PasswordCheck(against: password, matches: true)
    static let wrongPassword = PasswordCheck(against: password, matches: false)
    static let recoveryCode = digest(0x51)

    static func digest(_ byte: UInt8) -> TokenDigest {
        TokenDigest(bytes: Array(repeating: byte, count: 32))!
    }

    static func hash(_ byte: UInt8) -> PasswordHash {
        PasswordHash(
            parameters: .current,
            salt: Array(repeating: byte, count: 16),
            tag: Array(repeating: byte, count: 32)
        )!
    }

    /// The code that an app shows some steps from `now`.
    static func code(_ offset: Int64 = 0, of secret: OTPSharedSecret = secret, at now: UnixTime = now) -> OneTimeCode {
        let step = TimeStep(containing: now.seconds).advanced(by: offset)
        return OneTimeCode(TOTP.code(secret: secret, step: step).text)!
    }

    /// A code that no step near `now` has, under any of the secrets.
    static func wrongCode(at now: UnixTime = now) -> OneTimeCode {
        var number = 123_456
        while true {
            let code = OneTimeCode(String(number))!
            let fits = [secret, spareSecret, pendingSecret].contains { secret in
                !TOTPVerifier().matchingSteps(for: code, secret: secret, at: now.seconds).isEmpty
            }
            if !fits { return code }
            number += 1
        }
    }

    static func fresh(_ number: UInt8 = 0x80) -> FreshValues {
        let random = FixedRandomSource(start: number)
        return FreshValues(
            attemptID: SignInAttempt.ID(random: random),
            attemptDigest: digest(number),
            sessionID: PortalSession.ID(random: random),
            sessionDigest: digest(number &+ 1),
            authenticatorID: Authenticator.ID(random: random),
            pendingID: PendingEnrolment.ID(random: random),
            secret: try! OTPSharedSecret(bytes: random.bytes(20)),
            recoveryCodes: (0..<10).map { RecoveryCode(random: FixedRandomSource(start: number &+ $0)) },
            browserDigest: digest(number &+ 2)
        )
    }

    static func authenticator(
        _ id: Authenticator.ID = authenticatorID,
        _ secret: Authenticator.Secret = .readable(secret),
        lastAccepted: TimeStep = TimeStep(rawValue: 0)
    ) -> Authenticator {
        Authenticator(id: id, name: "Phone", secret: secret, lastAcceptedStep: lastAccepted, createdAt: now - 86_400)
    }

    static let spare = authenticator(spareID, .readable(spareSecret))

    static func attempt(_ stage: AttemptStage, _ methods: Set<AuthenticationMethod> = [.password]) -> SignInAttempt {
        SignInAttempt(
            id: attemptID,
            digest: digest(0x61),
            userID: userID,
            accountID: accountID,
            stage: stage,
            methods: stage == .enrolmentPassword ? [] : methods,
            expiresAt: now + 600,
            returnTo: "/devices",
            version: 7
        )
    }

    static func session(_ methods: Set<AuthenticationMethod> = [.password]) -> PortalSession {
        PortalSession(
            id: sessionID,
            digest: digest(0x71),
            userID: userID,
            accountID: accountID,
            methods: methods,
            createdAt: now - 60,
            lastSeenAt: now - 10,
            address: "192.0.2.7",
            userAgent: "Test",
            proof: SessionProof(at: now - 60, by: methods)
        )
    }

    static func pending(_ session: PortalSession.ID? = nil, wrongPairs: Int = 0) -> PendingEnrolment {
        PendingEnrolment(
            id: PendingEnrolment.ID(random: FixedRandomSource(start: 8)),
            secret: pendingSecret,
            expiresAt: now + 1_000,
            wrongPairs: wrongPairs,
            sessionID: session,
            attemptID: session == nil ? attemptID : nil,
            address: source.address
        )
    }

    /// A user with a password and nothing else; the account requires nothing.
    static func person(_ change: (inout Subject) -> Void = { _ in }) -> Subject {
        var subject = Subject(
            user: User(id: userID, accountID: accountID, login: "ana@example.org", name: "Ana"),
            account: Account(id: accountID, name: "Example"),
            permissions: Permissions(accounts: .view),
            passwordHash: password
        )
        change(&subject)
        return subject
    }

    /// Somebody who has two-factor and one recovery code left.
    static func configured(_ change: (inout Subject) -> Void = { _ in }) -> Subject {
        person {
            $0.authenticators = [authenticator()]
            $0.recoveryCodes = [recoveryCode]
            change(&$0)
        }
    }

    /// Somebody without two-factor in an account that requires it.
    static func required(_ change: (inout Subject) -> Void = { _ in }) -> Subject {
        person {
            $0.account.requiresTwoFactor = true
            change(&$0)
        }
    }
}
