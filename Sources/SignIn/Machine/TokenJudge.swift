package import Accounts
package import OneTimePassword
package import Secrets

/// Judges a token or a recovery code, wherever one is asked for: one budget, one record of spent steps (threats B05).
package struct TokenJudge: Sendable {
    package let subject: Subject
    package let loginDigest: TokenDigest
    package let throttles: Throttles
    package let source: RequestSource
    package let now: UnixTime

    package init(
        subject: Subject,
        loginDigest: TokenDigest,
        throttles: Throttles,
        source: RequestSource,
        now: UnixTime
    ) {
        self.subject = subject
        self.loginDigest = loginDigest
        self.throttles = throttles
        self.source = source
        self.now = now
    }

    package enum Judgement: Sendable {
        case accepted([SignInEffect], [ActivityEntry])
        /// Wrong, spent, or no code at all; `counted` tells whether it cost something.
        case refused([SignInEffect], [ActivityEntry], counted: Bool)
        case limited(ThrottlePolicy.Verdict, ActivityEntry)
        case unreadable
    }

    package func judge(_ code: OneTimeCode?) -> Judgement {
        let keys = throttles.keys(.token, login: loginDigest, source: source)
        let verdict = throttles.verdict(keys, at: now)
        guard verdict == .open else { return .limited(verdict, limitEntry(.token)) }
        // What is no code cannot be right and is not judged: one entry a minute, no charge.
        guard let code else { return .refused([], [noCodeEntry], counted: false) }

        var fitting: (Authenticator, TimeStep)?
        var isSpent = false
        var unreadable = 0
        for authenticator in subject.authenticators {
            guard case .readable(let secret) = authenticator.secret else {
                unreadable += 1
                continue
            }
            for step in TOTPVerifier().matchingSteps(for: code, secret: secret, at: now.seconds) {
                if step > authenticator.lastAcceptedStep {
                    fitting = fitting ?? (authenticator, step)
                } else {
                    isSpent = true
                }
            }
        }
        if let (authenticator, step) = fitting {
            let effects = throttles.succeeding(keys, chargedAt: nil)
            return .accepted([.acceptStep(authenticator.id, step, at: now)] + effects, [])
        }
        if unreadable > 0, unreadable == subject.authenticators.count { return .unreadable }
        return refused(.token, keys, .tokenRefused, isSpent ? "already used" : "wrong")
    }

    package func judge(recoveryCode: TokenDigest) -> Judgement {
        let keys = throttles.keys(.recoveryCode, login: loginDigest, source: source)
        let verdict = throttles.verdict(keys, at: now)
        guard verdict == .open else { return .limited(verdict, limitEntry(.recoveryCode)) }
        guard subject.recoveryCodes.contains(recoveryCode) else {
            return refused(.recoveryCode, keys, .recoveryCodeRefused, "wrong or used")
        }
        // It proves a factor, so that a closed one opens again.
        let tokenKeys = throttles.keys(.token, login: loginDigest, source: source)
        let effects = throttles.succeeding(keys + tokenKeys.filter { !keys.contains($0) }, chargedAt: nil)
        let left = String(subject.recoveryCodes.count - 1)
        return .accepted(
            [.spendRecoveryCode(subject.user.id, recoveryCode, at: now)] + effects,
            [entry(.recoveryCodeUsed, [ActivityParameter("codes left", left)])]
        )
    }

    private func refused(
        _ kind: ThrottleKind,
        _ keys: [ThrottleKey],
        _ activity: ActivityKind,
        _ reason: String
    ) -> Judgement {
        let effects = throttles.charging(keys, at: now)
        var entries = [entry(activity, [ActivityParameter("reason", reason)])]
        let closes = keys.contains { throttles[$0].consecutive + 1 == $0.policy.closingFailures }
        if closes { entries.append(entry(.factorClosed)) }
        return .refused(effects, entries, counted: true)
    }

    private var noCodeEntry: ActivityEntry {
        var entry = entry(.tokenRefused, [ActivityParameter("reason", "no code")])
        entry.mergeKey = RefusalKey.make(
            "no_code",
            isKnown: true,
            loginDigest: loginDigest,
            source: source,
            at: now
        )
        return entry
    }

    private func limitEntry(_ kind: ThrottleKind) -> ActivityEntry {
        LimitEntry.make(kind, subject: subject, loginDigest: loginDigest, source: source, at: now)
    }

    private func entry(_ kind: ActivityKind, _ parameters: [ActivityParameter] = []) -> ActivityEntry {
        ActivityEntry(
            kind,
            accountID: subject.account.id,
            actor: subject.person,
            address: source.address,
            parameters: parameters
        )
    }
}
