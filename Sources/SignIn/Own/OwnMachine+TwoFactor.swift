import Accounts
import OneTimePassword
import Secrets

/// Enabling, replacing and removing one's own authenticators.
extension OwnMachine {
    func enable(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        _ password: PaidPassword,
        _ code: ProofCode,
        byChoice: Bool
    ) -> Decision<OwnOutcome> {
        if let refusal = EnableRule.refusal(subject, byChoice: byChoice) {
            return refused(refusal, state, password)
        }
        let replaces = isRecovering(session) && subject.hasTwoFactor
        guard replaces || subject.authenticators.count < Authenticator.maximumPerUser else {
            return refused(.tooManyAuthenticators, state, password)
        }
        let needsToken = subject.hasTwoFactor && !replaces
        switch prove(state, session, subject, password, needsToken ? code : nil) {
        case .refused(let refusal, let effects, let entries): return Decision(.refused(refusal), effects, entries)
        case .proven(let effects, let entries):
            let pending = PendingEnrolment(
                id: context.fresh.pendingID,
                secret: context.fresh.secret,
                expiresAt: context.now + PendingEnrolment.lifetimeSeconds,
                sessionID: session.id,
                replacesOthers: replaces
            )
            // Whoever has copied the old token must not see the secret.
            let renewed: PortalSession
            if replaces {
                renewed = self.renewed(session)
            } else {
                let method = needsToken ? code.method : .password
                renewed = self.renewed(session, methods: session.methods, provenBy: method)
            }
            return Decision(
                .enrolmentBegun(renewed),
                effects + [.savePending(subject.user.id, pending), .renewSession(renewed)],
                entries + [entry(.enrolmentStarted, subject)]
            )
        }
    }

    func pair(
        _ session: PortalSession,
        _ subject: Subject,
        _ first: OneTimeCode?,
        _ second: OneTimeCode?,
        _ name: String
    ) -> Decision<OwnOutcome> {
        guard let pending = subject.pending, pending.sessionID == session.id, context.now < pending.expiresAt else {
            return Decision(.refused(.notFound))
        }
        let judge = EnrolmentJudge(subject: subject, pending: pending, fresh: context.fresh, now: context.now)
        switch judge.judge(first, second, name: name) {
        case .accepted(let effects):
            // Whoever needed a recovery code to get here has lost the factor that the tokens were made with.
            let isAfterLoss = pending.replacesOthers || session.proof?.method == .lookUpSecret
            var renewed = renewed(session, methods: session.methods.union([.otp]), provenBy: .otp)
            // The lost phone has its successor: the next change needs a token again.
            renewed.recoveryUntil = nil
            return Decision(
                .configured(renewed, newRecoveryCodes: !subject.hasTwoFactor || pending.replacesOthers),
                effects + (isAfterLoss ? [.endAPITokens(subject.user.id)] : []) + takeOver(renewed, subject.user.id),
                [entry(.twoFactorConfigured, subject, isAfterLoss ? [tokenParameter(false)] : [])]
            )
        case .refused(let judgement, let pending, let effects):
            return Decision(.pairRefused(judgement, pending), effects, [entry(.enrolmentRefused, subject)])
        }
    }

    func remove(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        _ id: Authenticator.ID,
        _ password: PaidPassword,
        _ code: ProofCode
    ) -> Decision<OwnOutcome> {
        guard let authenticator = subject.authenticators.first(where: { $0.id == id }) else {
            return refused(.notFound, state, password)
        }
        let isLast = subject.authenticators.count == 1
        guard !isLast || !subject.account.requiresTwoFactor else {
            return refused(.requiredByAccount, state, password)
        }
        switch prove(state, session, subject, password, code) {
        case .refused(let refusal, let effects, let entries): return Decision(.refused(refusal), effects, entries)
        case .proven(let effects, let entries):
            let user = subject.user.id
            let isAfterLoss = code.method == .lookUpSecret
            let renewed = renewed(session, methods: session.methods, provenBy: code.method)
            return Decision(
                .renewed(renewed),
                effects + [.removeAuthenticator(id, user)] + (isLast ? [.dropRecoveryCodes(user)] : [])
                    + endingTokens(of: user, unless: !isAfterLoss) + takeOver(renewed, user),
                entries + [
                    entry(
                        .authenticatorRemoved,
                        subject,
                        [ActivityParameter("name", authenticator.name)] + (isAfterLoss ? [tokenParameter(false)] : [])
                    )
                ]
            )
        }
    }

    func replaceCodes(
        _ state: SignInState,
        _ subject: Subject,
        _ password: PaidPassword,
        _ code: ProofCode
    ) -> Decision<OwnOutcome> {
        guard let session = state.session, subject.hasTwoFactor else { return refused(.notFound, state, password) }
        switch prove(state, session, subject, password, code) {
        case .refused(let refusal, let effects, let entries): return Decision(.refused(refusal), effects, entries)
        case .proven(let effects, let entries):
            // Each new code is a proof, and whoever has copied the old token must not see them.
            let renewed = renewed(session, methods: session.methods, provenBy: code.method)
            return Decision(
                .renewed(renewed),
                effects
                    + [.replaceRecoveryCodes(subject.user.id, context.fresh.recoveryCodes), .renewSession(renewed)],
                entries + [entry(.recoveryCodesReplaced, subject)]
            )
        }
    }

    private func isRecovering(_ session: PortalSession) -> Bool {
        guard let until = session.recoveryUntil else { return false }
        return context.now < until
    }
}

/// Who may enable two-factor by choice; pages show its answer, the machine enforces it.
package enum EnableRule {
    /// - Parameter byChoice: true on Accounts > Details; `/own` is for those who have an authenticator already.
    package static func refusal(_ subject: Subject, byChoice: Bool) -> OwnRefusal? {
        if subject.hasTwoFactor { return nil }
        // S-28: at least Read-only access to the Accounts tab.
        guard byChoice, subject.permissions.accounts >= .view else { return .accessDenied }
        // S-09: an Account Admin goes first.
        guard subject.user.isAccountAdmin || subject.configuredAdmins > 0 else { return .adminFirst }
        return nil
    }
}
