import Accounts
package import OneTimePassword
package import Secrets

/// Forced enrolment: inside sign-in, outside role permissions, so that the switch locks nobody out (S-28b).
extension SignInMachine {
    func enrolmentOpened(_ attempt: SignInAttempt, _ subject: Subject) -> SignInDecision {
        guard !subject.hasTwoFactor else { return SignInDecision(.attemptExpired) }
        guard let pending = livePending(subject) else { return enrolmentRenewed(attempt, subject) }
        guard pending.attemptID != attempt.id, pending.otherAddress != context.source.address else {
            return SignInDecision(.showEnrolment(pending))
        }
        return shownAgain(pending, attempt, subject)
    }

    /// A secret that no other sign-in has seen.
    func enrolmentRenewed(_ attempt: SignInAttempt, _ subject: Subject) -> SignInDecision {
        guard !subject.hasTwoFactor else { return SignInDecision(.attemptExpired) }
        let pending = PendingEnrolment(
            id: context.fresh.pendingID,
            secret: context.fresh.secret,
            expiresAt: context.now + PendingEnrolment.lifetimeSeconds,
            attemptID: attempt.id,
            address: context.source.address
        )
        return SignInDecision(
            .showEnrolment(pending),
            [.savePending(subject.user.id, pending)],
            [entry(.enrolmentStarted, subject)]
        )
    }

    /// Signing in again shows the same secret, since an app has to be installed first. Whoever has the password sees
    /// it, too, and could hold the secret that the owner then proves: so each sees that there was another.
    private func shownAgain(
        _ pending: PendingEnrolment,
        _ attempt: SignInAttempt,
        _ subject: Subject
    ) -> SignInDecision {
        var seen = pending
        seen.otherAddress = context.source.address
        var entry = entry(.enrolmentShownAgain, subject, [ActivityParameter("first shown to", pending.address)])
        // Once for each sign-in, however often two of them take turns.
        entry.mergeKey = "shown \(pending.id) \(attempt.id)"
        return SignInDecision(.showEnrolment(seen), [.savePending(subject.user.id, seen)], [entry])
    }

    func pairSubmitted(
        _ attempt: SignInAttempt,
        _ subject: Subject,
        _ first: OneTimeCode?,
        _ second: OneTimeCode?
    ) -> SignInDecision {
        guard !subject.hasTwoFactor else { return SignInDecision(.attemptExpired) }
        guard let pending = livePending(subject) else { return enrolmentOpened(attempt, subject) }
        let judge = EnrolmentJudge(subject: subject, pending: pending, fresh: context.fresh, now: context.now)
        switch judge.judge(first, second, name: "") {
        case .accepted(let effects):
            let elsewhere = pending.seenElsewhere(than: attempt.id)
            let methods = attempt.methods.union([.otp])
            let session = newSession(subject, methods: methods)
            let closing: [SignInEffect] = [
                // Nothing planted before two-factor was configured outlives it.
                .closeAttempt(attempt.id, version: attempt.version), .endSessions(subject.user.id, except: nil),
                .closeAttempts(subject.user.id), .insertSession(session),
                .recordSignIn(subject.user.id, at: context.now), knowBrowser(subject),
            ]
            return SignInDecision(
                .enrolled(session, returnTo: attempt.returnTo),
                effects + closing,
                [
                    entry(
                        .twoFactorConfigured,
                        subject,
                        elsewhere.map { [ActivityParameter("secret also shown to", $0)] } ?? []
                    ),
                    entry(.signedIn, subject, [ActivityParameter("methods", methods.text)]),
                ]
            )
        case .refused(let judgement, let pending, let effects):
            let refused = entry(.enrolmentRefused, subject)
            return SignInDecision(.pairRefused(judgement, pending), effects, [refused])
        }
    }

    /// The secret of this sign-in; one that was begun on Details by a session is not shown here.
    private func livePending(_ subject: Subject) -> PendingEnrolment? {
        guard let pending = subject.pending, pending.sessionID == nil, context.now < pending.expiresAt else {
            return nil
        }
        return pending
    }
}

/// Judges the two codes that prove a pending secret, inside sign-in and on Details alike.
package struct EnrolmentJudge: Sendable {
    package let subject: Subject
    package let pending: PendingEnrolment
    package let fresh: FreshValues
    package let now: UnixTime

    package enum Judgement: Sendable {
        case accepted([SignInEffect])
        case refused(CodePairJudgement, PendingEnrolment, [SignInEffect])
    }

    package func judge(_ first: OneTimeCode?, _ second: OneTimeCode?, name: String) -> Judgement {
        guard let first, let second else { return .refused(.notConsecutive, pending, []) }
        let judgement = TOTPVerifier().judgePair(
            first: first,
            second: second,
            secret: pending.secret,
            at: now.seconds
        )
        guard case .accepted(let lastStep) = judgement else { return refused(judgement) }
        let authenticator = Authenticator(
            id: fresh.authenticatorID,
            name: name.isEmpty ? "Authenticator app" : name,
            secret: .readable(pending.secret),
            // Its second code is spent, too (S-24: the person waits for the next one).
            lastAcceptedStep: lastStep,
            createdAt: now
        )
        let user = subject.user.id
        var effects: [SignInEffect] = [.dropPending(user)]
        if pending.replacesOthers { effects.append(.removeAuthenticators(user)) }
        effects.append(.insertAuthenticator(user, authenticator))
        if !subject.hasTwoFactor || pending.replacesOthers {
            effects.append(.replaceRecoveryCodes(user, fresh.recoveryCodes))
        }
        return .accepted(effects)
    }

    private func refused(_ judgement: CodePairJudgement) -> Judgement {
        var next = pending
        next.wrongPairs += 1
        if next.wrongPairs >= PendingEnrolment.maximumWrongPairs {
            next = PendingEnrolment(
                id: fresh.pendingID,
                secret: fresh.secret,
                expiresAt: pending.expiresAt,
                sessionID: pending.sessionID,
                attemptID: pending.attemptID,
                address: pending.address,
                replacesOthers: pending.replacesOthers
            )
        }
        return .refused(judgement, next, [.savePending(subject.user.id, next)])
    }
}
