import Accounts
import Gateway
import Secrets
import SignIn
import Testing

@Suite("What a node remembers")
struct AccessCacheTests {
    private static let second: UInt64 = 1_000_000_000

    private func remembered(_ cache: AccessCache, _ visit: ApplicationVisit, in application: Application)
        -> AccessCache.Key
    {
        let key = AccessCache.Key(visit.session.digest)
        cache.remember(AccessEntry(visit: visit, in: application, at: Make.now), key, cache.beginReading())
        return key
    }

    private func holds(_ cache: AccessCache, _ key: AccessCache.Key) -> Bool {
        if case .entry = cache.answer(key) { return true }
        return false
    }

    @Test("A change of a person or of an account takes their entries away, and nobody else's")
    func forgetting() {
        let cache = AccessCache()
        let application = Make.application()
        let (ana, bo) = (Make.visit(application), Make.visit(application))
        let stranger = Make.visit(application, user: Make.user(account: Account.ID(random: Make.random)))
        let keys = [ana, bo, stranger].map { remembered(cache, $0, in: application) }
        cache.heard([.person(ana.portal.user.id)])
        #expect(keys.map { holds(cache, $0) } == [false, true, true])
        cache.heard([.account(Make.account.id)])
        #expect(keys.map { holds(cache, $0) } == [false, false, true])
    }

    @Test("What was read before a change was heard of is not remembered after it")
    func race() {
        let cache = AccessCache()
        let application = Make.application()
        let visit = Make.visit(application)
        let reading = cache.beginReading()
        cache.heard([.person(visit.portal.user.id)])
        let key = AccessCache.Key(visit.session.digest)
        cache.remember(AccessEntry(visit: visit, in: application, at: Make.now), key, reading)
        cache.remember(ApplicationTable([application]), reading)
        #expect(!holds(cache, key) && cache.table == nil)
    }

    @Test("A confirmation counts for half a second from the moment that was asked about")
    func confirmation() {
        let cache = AccessCache()
        #expect(!cache.isConfirmed(at: 0) && !cache.isConfirmed(at: 10 * Self.second))
        cache.confirm(at: 10 * Self.second)
        #expect(cache.isConfirmed(at: 10 * Self.second + Self.second / 2 - 1))
        #expect(!cache.isConfirmed(at: 10 * Self.second + Self.second / 2))
        cache.confirm(at: 9 * Self.second)
        #expect(cache.isConfirmed(at: 10 * Self.second), "an older one changes nothing")
    }

    @Test("Use keeps an entry from going idle, and its end comes all the same")
    func idle() {
        let application = Make.application(sessionHours: 2)
        let entry = AccessEntry(visit: Make.visit(application, age: 60, idle: 0), in: application, at: Make.now)
        #expect(entry.holds(at: Make.now + 3_599) && !entry.holds(at: Make.now + 3_600))
        entry.noteUse(at: Make.now + 3_000)
        #expect(entry.holds(at: Make.now + 6_000))
        #expect(!entry.holds(at: Make.now + 2 * 3_600 - 60))
    }

    @Test(
        "A use is written down even if it came in the second of the last writing",
        arguments: [(-1, false), (0, true), (1, true)]
    )
    func uses(after: Int64, isWritten: Bool) {
        let application = Make.application()
        let entry = AccessEntry(visit: Make.visit(application, age: 60, idle: 0), in: application, at: Make.now)
        #expect(entry.use(since: Make.now) == nil, "there was none")
        entry.noteUse(at: Make.now + after)
        #expect((entry.use(since: Make.now) != nil) == isWritten)
    }

    @Test("A token's digest is the same for memory and for the database, and nothing else looks like one")
    func keys() throws {
        let token = BearerToken(kind: .applicationSession, random: Make.random)
        let words = try #require(TokenDigest.words(of: token.text, presentedAs: .applicationSession))
        #expect(AccessCache.Key(words: words) == AccessCache.Key(token.digest))
        #expect(TokenDigest.words(of: token.text, presentedAs: .apiToken) == nil)
        #expect(TokenDigest.words(of: String(token.text.dropLast()), presentedAs: .applicationSession) == nil)
        #expect(TokenDigest.words(of: token.text + "A", presentedAs: .applicationSession) == nil)
    }
}
