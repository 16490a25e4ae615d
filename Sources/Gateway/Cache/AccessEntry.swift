package import Accounts
package import Secrets
import SignIn
import Synchronization

/// What a node remembers of one credential, worked out once: the hot path compares numbers and hands on a prepared
/// answer. Holds for one application as its table has it now; a change of either takes the entry away.
package final class AccessEntry: Sendable {
    package enum Credential: Sendable {
        case session(ApplicationVisit)
        case token(APITokenBearer)
    }

    package let credential: Credential
    package let applicationID: Application.ID
    package let userID: User.ID
    package let accountID: Account.ID
    /// What it opens where a password is enough, and where two-factor is needed; time left aside.
    package let verdictForPassword: AccessReason
    package let verdictForTwoFactor: AccessReason
    /// From then on the entry says nothing, and the database is asked again.
    package let expiresAt: UnixTime
    private let idleSeconds: Int64
    private let seenAt: Int64
    private let usedAt: Atomic<Int64>
    /// The answer that the rim has prepared for it.
    private let prepared = Mutex<(any AnyObject & Sendable)?>(nil)

    package init(visit: ApplicationVisit, in application: Application, at now: UnixTime) {
        credential = .session(visit)
        applicationID = visit.session.applicationID
        userID = visit.portal.user.id
        accountID = visit.portal.account.id
        verdictForPassword = AccessRules.judge(visit, in: application, needs: .password, at: now)
        verdictForTwoFactor = AccessRules.judge(visit, in: application, needs: .twoFactor, at: now)
        expiresAt = visit.end(in: application)
        idleSeconds = Int64(visit.portal.account.sessionLimits.idleMinutes) * 60
        seenAt = visit.portal.session.lastSeenAt.seconds
        usedAt = Atomic(0)
    }

    package init(bearer: APITokenBearer, in application: Application, at now: UnixTime) {
        credential = .token(bearer)
        applicationID = application.id
        userID = bearer.visitor.user.id
        accountID = bearer.token.accountID
        let verdict = AccessRules.judge(bearer, in: application, at: now)
        verdictForPassword = verdict
        verdictForTwoFactor = verdict
        expiresAt = bearer.token.expiresAt
        idleSeconds = .max
        seenAt = 0
        usedAt = Atomic(0)
    }

    /// What was made of the entry once, however often it is asked for.
    package func prepared<Value: AnyObject & Sendable>(_ make: () -> Value) -> Value {
        prepared.withLock { prepared in
            if let found = prepared as? Value { return found }
            let made = make()
            prepared = made
            return made
        }
    }

    package func verdict(_ assurance: Assurance) -> AccessReason {
        assurance == .password ? verdictForPassword : verdictForTwoFactor
    }

    /// False when time has gone over it; then another node may still know of a later use.
    package func holds(at now: UnixTime) -> Bool {
        guard now < expiresAt else { return false }
        guard idleSeconds != .max else { return true }
        return now.seconds < max(seenAt, usedAt.load(ordering: .relaxed)) + idleSeconds
    }

    /// Written once a second at most, so that two cores do not fight over it.
    package func noteUse(at now: UnixTime) {
        if usedAt.load(ordering: .relaxed) < now.seconds { usedAt.store(now.seconds, ordering: .relaxed) }
    }

    /// The use to write down, where there was one since `time`. One in that very second counts: it may have come after
    /// the last writing, and to write it twice does no harm.
    package func use(since time: UnixTime) -> AccessUse? {
        let used = usedAt.load(ordering: .relaxed)
        guard used > 0, used >= time.seconds else { return nil }
        switch credential {
        case .session(let visit): return .portalSession(visit.portal.session.id, at: UnixTime(seconds: used))
        case .token(let bearer): return .apiToken(bearer.token.id, at: UnixTime(seconds: used))
        }
    }

    package var visitor: Visitor {
        switch credential {
        case .session(let visit): visit.visitor
        case .token(let bearer): bearer.visitor
        }
    }
}
