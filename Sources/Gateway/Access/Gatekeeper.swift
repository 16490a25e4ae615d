package import Accounts
package import Secrets
import SignIn

/// The question about one request, as a proxy asks it.
package struct AccessQuestion: Sendable {
    package var request: ForwardedRequest
    /// The value of the application's cookie.
    package var cookie: String?
    /// What came as a bearer token, or as the password of HTTP Basic; only where it looks like a token of ours.
    package var token: String?

    package init(request: ForwardedRequest, cookie: String? = nil, token: String? = nil) {
        self.request = request
        self.cookie = cookie
        self.token = token
    }
}

/// The answer, with whom it is about where that is known.
package struct AccessAnswer: Sendable {
    package let decision: AccessDecision
    package let application: Application?
    package let entry: AccessEntry?

    package init(_ decision: AccessDecision, application: Application? = nil, entry: AccessEntry? = nil) {
        self.decision = decision
        self.application = application
        self.entry = entry
    }
}

/// Decides about requests: from memory where that is confirmed, else from the database. Writes nothing.
package struct Gatekeeper: Sendable {
    package let store: any GatewayStore
    package let cache: AccessCache
    package let watch: AccessWatch
    package let unpinned = UnpinnedQuestions()
    let clock: any WallClock
    let uptime: @Sendable () -> UInt64

    /// - Parameter uptime: nanoseconds of a clock that is never put back.
    package init(
        store: any GatewayStore,
        cache: AccessCache,
        clock: any WallClock,
        uptime: @escaping @Sendable () -> UInt64
    ) {
        self.store = store
        self.cache = cache
        self.clock = clock
        self.uptime = uptime
        watch = AccessWatch(store: store, cache: cache, uptime: uptime)
    }

    // MARK: From memory

    /// The answer from memory; nil when the database has to be asked.
    package func quickAnswer(_ question: AccessQuestion) -> AccessAnswer? {
        let uptime = uptime()
        cache.noteAsked(at: uptime)
        guard cache.isConfirmed(at: uptime), let table = cache.table else { return nil }
        let step = firstStep(question, table)
        guard case .credential(let credential) = step else {
            let isUnknown = step.answer?.decision.reason == .unknownApplication
            return isUnknown && !cache.isConfirmed(at: uptime, within: Self.justNow) ? nil : step.answer
        }
        switch cache.answer(credential.key) {
        case .missing: return nil
        case .unknown: return AccessAnswer(credential.refusal, application: credential.application)
        case .entry(let entry):
            let now = clock.now
            guard entry.holds(at: now), entry.isAbout(credential) else { return nil }
            return credential.answer(entry, at: now)
        }
    }

    // MARK: From the database

    package func answer(_ question: AccessQuestion) async throws(StoreError) -> AccessAnswer {
        if let answer = quickAnswer(question) { return answer }
        var reading = try await confirmedReading()
        var table = try await table(reading)
        if table[question.request.origin] == nil {
            reading = try await confirmedReading(within: Self.justNow)
            table = try await self.table(reading)
        }
        let step = firstStep(question, table)
        guard case .credential(let credential) = step else { return step.answer ?? AccessAnswer(.init(.unavailable)) }
        let now = clock.now
        guard let entry = try await read(credential, table, at: now) else {
            cache.rememberUnknown(credential.key)
            return AccessAnswer(credential.refusal, application: credential.application)
        }
        if entry.holds(at: now) {
            cache.remember(entry, credential.key, reading)
        }
        return credential.answer(entry, at: now)
    }

    /// The application at an origin, as the node knows it now.
    package func application(_ find: @Sendable (ApplicationTable) -> Application?) async throws(StoreError)
        -> Application?
    {
        if let found = find(try await table(try await confirmedReading())) { return found }
        return find(try await table(try await confirmedReading(within: 0)))
    }

    /// An application that another process has just made is found at once; the check, which a proxy asks for every
    /// request, looks for one that is not there no more often than this.
    private static let justNow: UInt64 = 20_000_000

    private func confirmedReading(
        within age: UInt64 = AccessCache.maximumAge
    ) async throws(StoreError) -> AccessCache.Reading {
        let uptime = uptime()
        cache.noteAsked(at: uptime)
        if !cache.isConfirmed(at: uptime, within: age) {
            try await watch.catchUp()
            // It may have been a reading that had begun before, and so not have seen what we look for.
            if !cache.isConfirmed(at: uptime, within: age) { try await watch.catchUp() }
        }
        return cache.beginReading()
    }

    private func table(_ reading: AccessCache.Reading) async throws(StoreError) -> ApplicationTable {
        if let table = cache.table { return table }
        let table = ApplicationTable(try await store.allApplications())
        cache.remember(table, reading)
        return table
    }

    private func read(
        _ credential: PresentedCredential,
        _ table: ApplicationTable,
        at now: UnixTime
    ) async throws(StoreError) -> AccessEntry? {
        guard let digest = credential.digest else { return nil }
        switch credential.kind {
        case .session:
            guard let visit = try await store.visit(digest) else { return nil }
            let own = table[visit.session.applicationID] ?? credential.application
            return AccessEntry(visit: visit, in: own, at: now)
        case .token:
            guard let bearer = try await store.bearer(digest) else { return nil }
            return AccessEntry(bearer: bearer, in: credential.application, at: now)
        }
    }

    // MARK: The common first step

    private enum Step {
        case done(AccessAnswer)
        case credential(PresentedCredential)

        var answer: AccessAnswer? {
            if case .done(let answer) = self { return answer }
            return nil
        }
    }

    /// Everything that can be said without looking at the credential, and which credential has to be looked at.
    private func firstStep(_ question: AccessQuestion, _ table: ApplicationTable) -> Step {
        guard let application = table[question.request.origin] else {
            return .done(AccessAnswer(AccessDecision(.unknownApplication)))
        }
        if !question.request.isPinned { unpinned.note(application.id, at: clock.now) }
        let requirement: PathRequirement
        switch AccessRules.requirement(question.request.target, in: application) {
        case .failure(let problem):
            return .done(AccessAnswer(AccessDecision(.path(problem)), application: application))
        case .success(let found): requirement = found
        }
        let rule = requirement.rule
        switch requirement.need {
        case .nothing: return .done(AccessAnswer(AccessDecision(.openPath, rule: rule), application: application))
        case .refusal: return .done(AccessAnswer(AccessDecision(.deniedPath, rule: rule), application: application))
        case .session(let assurance): return session(question, application, assurance, rule)
        case .sessionOrToken(let assurance):
            guard let text = question.token else { return session(question, application, assurance, rule) }
            guard let words = TokenDigest.words(of: text, presentedAs: .apiToken) else {
                return .done(AccessAnswer(AccessDecision(.tokenRefused, rule: rule), application: application))
            }
            return .credential(
                PresentedCredential(
                    kind: .token,
                    text: text,
                    key: AccessCache.Key(words: words),
                    application: application,
                    assurance: assurance,
                    rule: rule
                )
            )
        }
    }

    private func session(
        _ question: AccessQuestion,
        _ application: Application,
        _ assurance: Assurance,
        _ rule: PathRule?
    ) -> Step {
        guard let text = question.cookie,
            let words = TokenDigest.words(of: text, presentedAs: .applicationSession)
        else {
            return .done(AccessAnswer(AccessDecision(.noSession, rule: rule), application: application))
        }
        return .credential(
            PresentedCredential(
                kind: .session,
                text: text,
                key: AccessCache.Key(words: words),
                application: application,
                assurance: assurance,
                rule: rule
            )
        )
    }
}

/// A credential that has to be looked at, and what for.
private struct PresentedCredential {
    enum Kind {
        case session, token
    }

    let kind: Kind
    let text: String
    let key: AccessCache.Key
    let application: Application
    let assurance: Assurance
    let rule: PathRule?

    /// What the database knows it by; nil for what no token ever looks like.
    var digest: TokenDigest? {
        BearerToken(kind: kind == .session ? .applicationSession : .apiToken, text: text)?.digest
    }

    /// Nobody has it.
    var refusal: AccessDecision {
        AccessDecision(kind == .session ? .sessionEnded : .tokenRefused, rule: rule)
    }

    func answer(_ entry: AccessEntry, at now: UnixTime) -> AccessAnswer {
        let reason: AccessReason
        if entry.applicationID != application.id {
            reason = .sessionOfAnotherApplication
        } else if now >= entry.expiresAt, entry.verdict(assurance) == .session {
            reason = .sessionTooOld
        } else {
            reason = entry.verdict(assurance)
        }
        let decision = AccessDecision(reason, rule: rule)
        if decision.outcome == .permitted { entry.noteUse(at: now) }
        return AccessAnswer(decision, application: application, entry: entry)
    }
}

extension AccessEntry {
    /// A token's entry speaks of one application; a session's tells on its own that it is another's.
    fileprivate func isAbout(_ credential: PresentedCredential) -> Bool {
        if case .session = self.credential { return true }
        return applicationID == credential.application.id
    }
}
