import Accounts
import OneTimePassword
import Secrets

/// What a person may change about their own login, and what each change needs and ends.
///
/// A session alone changes no credential: the password is needed, and a token of an authenticator where one exists
/// (ASVS 7.5.1). What else weakens needs a proof of the last minutes.
package struct OwnMachine: Sendable {
    package let context: SignInContext

    package init(_ context: SignInContext) {
        self.context = context
    }

    package func decide(_ state: SignInState, _ event: OwnEvent) -> Decision<OwnOutcome> {
        guard let session = state.session, let subject = state.subject, subject.user.isEnabled,
            session.userID == subject.user.id,
            session.isLive(at: context.now, limits: subject.account.sessionLimits)
        else { return Decision(.signedOut) }
        let user = subject.user.id
        switch event {
        case .passwordSubmitted: return passwordSubmitted(state, subject)
        case .passwordAbandoned(let chargedAt):
            return Decision(
                .refused(.unavailable),
                state.throttles.handingBack(passwordKeys(state), chargedAt: chargedAt)
            )
        case .enable(let password, let code, let byChoice):
            return enable(state, session, subject, password, code, byChoice: byChoice)
        case .pairSubmitted(let first, let second, let name): return pair(session, subject, first, second, name)
        case .cancelEnrolment:
            guard subject.pending != nil else { return Decision(.done) }
            return Decision(.done, [.dropPending(user)], [entry(.enrolmentCancelled, subject)])
        case .removeAuthenticator(let id, let password, let code):
            return remove(state, session, subject, id, password, code)
        case .replaceRecoveryCodes(let password, let code): return replaceCodes(state, subject, password, code)
        case .changePassword(let password, let code, let hash, let keepsTokens):
            return changePassword(state, session, subject, password, code, hash, keepsTokens: keepsTokens)
        case .keepRecoveryCodes:
            guard session.methods.passedTwoFactor else { return Decision(.refused(.accessDenied)) }
            // Said once; a second tab or a reload says nothing new.
            guard subject.hasUnkeptCodes else { return Decision(.done) }
            return Decision(.done, [.keepRecoveryCodes(user)], [entry(.recoveryCodesKept, subject)])
        case .changeProfile(let name, let email): return changeProfile(session, subject, name: name, email: email)
        case .endSession(let id) where id == session.id:
            return Decision(.done, [.endSession(id, user)], [entry(.sessionsEnded, subject)])
        case .endSession(let id): return ending(session, subject, "the session", [.endSession(id, user)])
        case .endAgentSession(let id):
            return ending(session, subject, "the agent session", [.endAgentSession(id, user)])
        case .endOtherSessions(let keepsTokens):
            // The proof stays what it was; the token changes, since one of the others may have a copy of it.
            let renewed = renewed(session)
            return ending(
                session,
                subject,
                "all other sessions",
                [.endAgentSessions(user)] + endingTokens(of: user, unless: keepsTokens) + takeOver(renewed, user),
                [tokenParameter(keepsTokens)],
                outcome: .renewed(renewed)
            )
        case .signOut:
            return Decision(.signedOut, [.endSession(session.id, user)], [entry(.signedOut, subject)])
        case .prove(let code): return prove(state, session, subject, by: code)
        case .provePassword(let password, let need): return prove(state, session, subject, by: password, for: need)
        }
    }

    /// The name is what colleagues read; the address is where a lost password would be sent to.
    private func changeProfile(
        _ session: PortalSession,
        _ subject: Subject,
        name: String,
        email: String
    ) -> Decision<OwnOutcome> {
        let changesEmail = email != subject.user.email
        var changes: [ActivityParameter] = []
        if changesEmail { changes.append(ActivityParameter("e-mail", email.isEmpty ? "none" : email)) }
        if name != subject.user.name { changes.append(ActivityParameter("display name", name)) }
        let entry = entry(.profileChanged, subject, changes)
        if changesEmail, !isProven(session, subject, .strongest) {
            return Decision(.needsProof(.strongest, entry))
        }
        return Decision(.done, [.setProfile(subject.user.id, name: name, email: email)], [entry])
    }

    /// Nobody gains anything by it, so the password is enough: a thief of the session has none, and somebody whose
    /// phone was stolen has to be able to (ASVS 7.5.2).
    private func ending(
        _ session: PortalSession,
        _ subject: Subject,
        _ which: String,
        _ effects: [SignInEffect],
        _ parameters: [ActivityParameter] = [],
        outcome: OwnOutcome = .done
    ) -> Decision<OwnOutcome> {
        let entry = entry(.sessionsEnded, subject, [ActivityParameter("which", which)] + parameters)
        guard isProven(session, subject, .password) else { return Decision(.needsProof(.password, entry)) }
        return Decision(outcome, effects, [entry])
    }

    private func isProven(_ session: PortalSession, _ subject: Subject, _ need: ProofNeed) -> Bool {
        session.hasProof(need, hasTwoFactor: subject.hasTwoFactor, at: context.now)
    }

    private func passwordSubmitted(_ state: SignInState, _ subject: Subject) -> Decision<OwnOutcome> {
        let keys = passwordKeys(state)
        switch state.throttles.verdict(keys, at: context.now) {
        case .open:
            return Decision(
                .checkPassword(subject.usablePasswordHash),
                state.throttles.charging(keys, at: context.now)
            )
        case .wait(let seconds):
            return Decision(.refused(.tooManyAttempts(seconds: seconds)), [], [limitEntry(state, subject)])
        case .closed:
            return Decision(.refused(.factorClosed), [], [limitEntry(state, subject)])
        }
    }

    private func changePassword(
        _ state: SignInState,
        _ session: PortalSession,
        _ subject: Subject,
        _ password: PaidPassword,
        _ code: ProofCode,
        _ hash: PasswordHash,
        keepsTokens: Bool
    ) -> Decision<OwnOutcome> {
        switch prove(state, session, subject, password, subject.hasTwoFactor ? code : nil) {
        case .refused(let refusal, let effects, let entries): return Decision(.refused(refusal), effects, entries)
        case .proven(let effects, let entries):
            let user = subject.user.id
            let method = subject.hasTwoFactor ? code.method : .password
            let renewed = renewed(session, methods: session.methods, provenBy: method)
            return Decision(
                .renewed(renewed),
                effects + [.setPassword(user, hash, at: context.now), .endAgentSessions(user), .dropPending(user)]
                    + endingTokens(of: user, unless: keepsTokens) + takeOver(renewed, user),
                entries + [entry(.passwordChanged, subject, [tokenParameter(keepsTokens)])]
            )
        }
    }

    // MARK: Shared

    /// Whoever cleans up after somebody else was in wants the scripts out as well, unless they say that these stay.
    func endingTokens(of user: User.ID, unless keepsTokens: Bool) -> [SignInEffect] {
        keepsTokens ? [] : [.endAPITokens(user)]
    }

    func tokenParameter(_ keepsTokens: Bool) -> ActivityParameter {
        ActivityParameter("API tokens", keepsTokens ? "kept" : "ended")
    }

    func passwordKeys(_ state: SignInState) -> [ThrottleKey] {
        state.throttles.keys(.portalPassword, login: state.loginDigest, source: context.source)
    }

    /// A refusal that has nothing to do with the password: what it cost goes back where it was right.
    func refused(_ refusal: OwnRefusal, _ state: SignInState, _ password: PaidPassword) -> Decision<OwnOutcome> {
        guard password.check.matches else { return Decision(.refused(refusal)) }
        return Decision(
            .refused(refusal),
            state.throttles.succeeding(passwordKeys(state), chargedAt: password.chargedAt)
        )
    }

    /// The session under a new token; all others of the person end, and so does what was opened from this one: nobody
    /// knows by whose hand.
    func takeOver(_ session: PortalSession, _ user: User.ID) -> [SignInEffect] {
        [
            .endSessions(user, except: session.id), .closeAttempts(user), .endApplicationSessions(session.id, user),
            .renewSession(session),
            // Ending the sessions has forgotten all browsers; the one that is used here goes on under a new value.
            .knowBrowser(user, context.fresh.browserDigest, at: context.now),
        ]
    }

    /// Under a new token and otherwise as it was.
    func renewed(_ session: PortalSession) -> PortalSession {
        var next = session
        next.digest = context.fresh.sessionDigest
        return next
    }

    func renewed(
        _ session: PortalSession,
        methods: Set<AuthenticationMethod>,
        provenBy method: AuthenticationMethod
    ) -> PortalSession {
        var next = renewed(session)
        next.methods = methods
        next.proof = SessionProof(at: context.now, by: method)
        next.wrongProofs = 0
        return next
    }

    func entry(_ kind: ActivityKind, _ subject: Subject, _ parameters: [ActivityParameter] = []) -> ActivityEntry {
        ActivityEntry(
            kind,
            accountID: subject.account.id,
            actor: subject.person,
            address: context.source.address,
            parameters: parameters
        )
    }

    private func limitEntry(_ state: SignInState, _ subject: Subject) -> ActivityEntry {
        LimitEntry.make(
            .portalPassword,
            subject: subject,
            loginDigest: state.loginDigest,
            source: context.source,
            at: context.now
        )
    }
}
