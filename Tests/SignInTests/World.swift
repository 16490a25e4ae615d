import Accounts
import OneTimePassword
import Secrets
import SignIn

/// One person, one browser and a store of hand: decisions are applied to it as the real store applies them.
struct World {
    var subject: Subject?
    var attempt: SignInAttempt?
    var session: PortalSession?
    var throttles = Throttles()
    var now = Fixture.now
    var source = Fixture.source
    var isCookieless = true
    private var decisions: UInt8 = 0x80

    init(_ subject: Subject?, attempt: SignInAttempt? = nil, session: PortalSession? = nil) {
        self.subject = subject
        self.attempt = attempt
        self.session = session
    }

    /// Somebody with a right password behind them who is asked for a token.
    static func atToken(_ subject: Subject = Fixture.configured()) -> World {
        World(subject, attempt: Fixture.attempt(.token))
    }

    var state: SignInState {
        var state = SignInState(
            attempt: attempt,
            session: session,
            subject: subject,
            loginDigest: Fixture.loginDigest,
            throttles: throttles
        )
        state.isCookieless = isCookieless
        return state
    }

    mutating func signIn(_ event: SignInEvent) -> SignInDecision {
        let decision = SignInMachine(context()).decide(state, event)
        apply(decision.commit.effects)
        return decision
    }

    mutating func own(_ event: OwnEvent) -> Decision<OwnOutcome> {
        let decision = OwnMachine(context()).decide(state, event)
        apply(decision.commit.effects)
        return decision
    }

    /// Both rounds of a password; the charge is paid in the first.
    mutating func password(_ check: PasswordCheck) -> SignInDecision {
        let first = signIn(.passwordSubmitted)
        guard case .checkPassword = first.outcome else { return first }
        return signIn(.passwordChecked(check, chargedAt: now))
    }

    private mutating func context() -> SignInContext {
        decisions &+= 20
        return SignInContext(now: now, source: source, returnTo: "/start", fresh: Fixture.fresh(decisions))
    }

    mutating func apply(_ effects: [SignInEffect]) {
        for effect in effects { apply(effect) }
    }

    private mutating func apply(_ effect: SignInEffect) {
        switch effect {
        case .saveThrottle(let key, let state):
            throttles.states[key] = state
            // One row under two names.
            switch key {
            case .closing(let login): throttles.states[.login(.token, login)] = state
            case .login(.token, let login): throttles.states[.closing(login)] = state
            case .login, .address, .browser: break
            }
        case .insertAttempt(let next): attempt = next
        case .updateAttempt(var next):
            next.version += 1
            attempt = next
        case .closeAttempt, .closeAttempts: attempt = nil
        case .acceptStep(let id, let step, _):
            guard let place = subject?.authenticators.firstIndex(where: { $0.id == id }) else { return }
            subject?.authenticators[place].lastAcceptedStep = step
        case .spendRecoveryCode(_, let code, _): subject?.recoveryCodes.remove(code)
        case .insertSession(let next), .renewSession(let next): session = next
        case .countWrongProof(_, _, let count): session?.wrongProofs = count
        case .endSession, .endSessions(_, except: nil): session = nil
        case .rehash(_, _, let hash): subject?.passwordHash = hash
        case .setPassword(_, let hash, _):
            subject?.passwordHash = hash
            subject?.mustChangePassword = false
        case .insertAuthenticator(_, let authenticator): subject?.authenticators.append(authenticator)
        case .removeAuthenticator(let id, _): subject?.authenticators.removeAll { $0.id == id }
        case .removeAuthenticators: subject?.authenticators.removeAll()
        case .replaceRecoveryCodes(_, let codes): subject?.recoveryCodes = Set(codes.map(\.digest))
        case .dropRecoveryCodes: subject?.recoveryCodes = []
        case .savePending(_, let pending): subject?.pending = pending
        case .dropPending: subject?.pending = nil
        default: break
        }
    }
}
