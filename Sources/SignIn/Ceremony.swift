package import Accounts
import OneTimePassword
package import Secrets

/// What the services share: the store, slow hashing, time and randomness.
package struct Ceremony: Sendable {
    package let store: any SignInStore
    package let hasher: any PasswordHashing
    package let clock: any WallClock
    package let random: any RandomSource
    package let passwordPolicy: PasswordPolicy
    package let gate = LoginGate()

    package init(
        store: any SignInStore,
        hasher: any PasswordHashing,
        clock: any WallClock,
        random: any RandomSource,
        passwordPolicy: PasswordPolicy = .standard
    ) {
        self.store = store
        self.hasher = hasher
        self.clock = clock
        self.random = random
        self.passwordPolicy = passwordPolicy
    }

    /// The tokens that a step may hand out; the store sees only their digests.
    package struct Tokens: Sendable {
        package let attempt: BearerToken
        package let session: BearerToken
        package let browser: BearerToken
    }

    /// - Parameter makesCodes: False for a step that cannot end with an authenticator bound: ten codes are most of the
    ///   randomness, and of the time, that a step takes here.
    func fresh(recoveryCodes makesCodes: Bool = true) throws -> (FreshValues, Tokens) {
        let tokens = Tokens(
            attempt: BearerToken(kind: .attempt, random: random),
            session: BearerToken(kind: .portalSession, random: random),
            browser: BearerToken(kind: .knownBrowser, random: random)
        )
        let now = clock.now
        let values = FreshValues(
            attemptID: SignInAttempt.ID(random: random, at: now),
            attemptDigest: tokens.attempt.digest,
            sessionID: PortalSession.ID(random: random, at: now),
            sessionDigest: tokens.session.digest,
            authenticatorID: Authenticator.ID(random: random),
            pendingID: PendingEnrolment.ID(random: random),
            // 160 bits, as RFC 4226 section 4 recommends.
            secret: try OTPSharedSecret(bytes: random.bytes(20)),
            recoveryCodes: makesCodes ? (0..<10).map { _ in recoveryCode() } : [],
            browserDigest: tokens.browser.digest
        )
        return (values, tokens)
    }

    /// A code with a digit in it: one of four hundred has none, and would read like a word to people and scripts.
    private func recoveryCode() -> RecoveryCode {
        var code = RecoveryCode(random: random)
        for _ in 0..<8 where !code.text.contains(where: \.isNumber) { code = RecoveryCode(random: random) }
        return code
    }

    /// Compares, with the same work whether there is anything to compare with or not.
    package func check(_ password: Password, against hash: PasswordHash?) async throws -> PasswordCheck {
        try await beginCheck(password, against: hash)()
    }

    /// Begins the same at once, without waiting for it.
    func beginCheck(
        _ password: Password,
        against hash: PasswordHash?
    ) -> @Sendable () async throws -> PasswordCheck {
        let compared = hash ?? hasher.decoy
        let verification = hasher.beginVerifying(password, against: compared)
        return { try await check(password, against: hash, compared, verification) }
    }

    private func check(
        _ password: Password,
        against hash: PasswordHash?,
        _ compared: PasswordHash,
        _ verification: () async throws(PasswordHashingError) -> PasswordVerification
    ) async throws -> PasswordCheck {
        switch try await verification() {
        case .mismatch:
            return PasswordCheck(against: compared, matches: false)
        case .match(let needsRehash):
            let rehashed = needsRehash ? try await hasher.hash(password) : nil
            return PasswordCheck(against: compared, matches: hash != nil, rehashed: rehashed)
        }
    }
}
