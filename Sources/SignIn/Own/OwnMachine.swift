import Accounts
import OneTimePassword
import Secrets

/// What a person may change about their own login, and what each change needs and ends.
///
/// A session alone changes no credential: the password is needed, and for factors and recovery codes also a token of an
/// authenticator where one exists (ASVS 7.5.1, threats D10).
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
        return switch event {
        case .passwordSubmitted: passwordSubmitted(state, subject)
        case .passwordAbandoned(let chargedAt):
            Decision(
                .refused(.unavailable),
                state.throttles.handingBack(passwordKeys(state), chargedAt: chargedAt)
            )
        case .enable(let password, let code, let byChoice):
            enable(state, session, subject, password, code, byChoice: byChoice)
        case .pairSubmitted(let first, let second, let name): pair(session, subject, first, second, name)
        case .cancelEnrolment:
            subject.pending == nil
                ? Decision(.done)
                : Decision(.done, [.dropPending(subject.user.id)], [entry(.enrolmentCancelled, subject)])
        case .removeAuthenticator(let id, let password, let code):
            remove(state, session, subject, id, password, code)
        case .replaceRecoveryCodes(let password, let code): replaceCodes(state, subject, password, code)
        case .changePassword(let password, let hash): changePassword(state, session, subject, password, hash)
        default: unproven(session, subject, event)
        }
    }

    /// What a session alone may do.
    private func unproven(_ session: PortalSession, _ subject: Subject, _ event: OwnEvent) -> Decision<OwnOutcome> {
        let user = subject.user.id
        switch event {
        case .keepRecoveryCodes:
            guard session.methods.passedTwoFactor else { return Decision(.refused(.accessDenied)) }
            // Said once; a second tab or a reload says nothing new.
            guard subject.hasUnkeptCodes else { return Decision(.done) }
            return Decision(.done, [.keepRecoveryCodes(user)], [entry(.recoveryCodesKept, subject)])
        case .changeProfile(let name, let email):
            return Decision(
                .done,
                [.setProfile(user, name: name, email: email)],
                [entry(.profileChanged, subject)]
            )
        case .endSession(let id):
            return Decision(.done, [.endSession(id, user)], [entry(.sessionsEnded, subject)])
        case .endAgentSession(let id):
            return Decision(.done, [.endAgentSession(id, user)], [entry(.sessionsEnded, subject)])
        case .endOtherSessions:
            return Decision(
                .done,
                [.endSessions(user, except: session.id), .closeAttempts(user), .endAgentSessions(user)],
                [entry(.sessionsEnded, subject)]
            )
        case .signOut:
            return Decision(.signedOut, [.endSession(session.id, user)], [entry(.signedOut, subject)])
        default:
            return Decision(.refused(.accessDenied))
        }
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
        _ hash: PasswordHash
    ) -> Decision<OwnOutcome> {
        switch prove(state, session, subject, password, nil) {
        case .refused(let refusal, let effects, let entries): return Decision(.refused(refusal), effects, entries)
        case .proven(let effects, let entries):
            let user = subject.user.id
            let renewed = renewed(session, methods: session.methods)
            return Decision(
                .renewed(renewed),
                effects + [.setPassword(user, hash, at: context.now), .endAgentSessions(user), .dropPending(user)]
                    + takeOver(renewed, user),
                entries + [entry(.passwordChanged, subject)]
            )
        }
    }

    // MARK: Shared

    func passwordKeys(_ state: SignInState) -> [ThrottleKey] {
        Throttles.keys(.portalPassword, login: state.loginDigest, source: context.source)
    }

    /// A refusal that has nothing to do with the password: what it cost goes back where it was right.
    func refused(_ refusal: OwnRefusal, _ state: SignInState, _ password: PaidPassword) -> Decision<OwnOutcome> {
        guard password.check.matches else { return Decision(.refused(refusal)) }
        return Decision(
            .refused(refusal),
            state.throttles.succeeding(passwordKeys(state), chargedAt: password.chargedAt)
        )
    }

    /// The session under a new token; all others of the person end.
    func takeOver(_ session: PortalSession, _ user: User.ID) -> [SignInEffect] {
        [.endSessions(user, except: session.id), .closeAttempts(user), .renewSession(session)]
    }

    func renewed(_ session: PortalSession, methods: Set<AuthenticationMethod>) -> PortalSession {
        var next = session
        next.digest = context.fresh.sessionDigest
        next.methods = methods
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
