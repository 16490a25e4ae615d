import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("Applications and their sessions in the database")
struct GatewayStoreTests {
    /// Remembers what was heard.
    final class Ear: Sendable {
        let changes = Mutex<[SessionEnding]>([])

        func listen(to endings: any SessionEndings) {
            endings.observe { ending in self.changes.withLock { $0.append(ending) } }
        }
    }

    struct Scene {
        let base: TestStore
        let ear = Ear()
        let store: PortalStore
        let company: TestStore.Company
        let application: Application
        let session: PortalSession

        init(_ engine: Engine) async throws {
            let base = try await TestStore(engine)
            try await self.init(base, PortalStore(database: base.database, keyRing: base.keyRing), company: "acme")
        }

        init(_ base: TestStore, _ store: PortalStore, company name: String) async throws {
            self.base = base
            self.store = store
            ear.listen(to: store.endings)
            company = try await base.company(name)
            application = Scene.application(in: company.account)
            session = Make.session(company.admin)
            try await base.apply([.insertSession(session)])
            let decision = try await change(nil, .create(application))
            try #require(decision.isAccepted)
        }

        static func application(in account: Account, origin: String = "https://grafana.example.com") -> Application {
            Application(
                id: Application.ID(random: Make.random),
                accountID: account.id,
                name: "Grafana",
                origin: Origin(origin)!,
                sessionHours: 8,
                headers: IdentityHeaderNames(user: "X-User", name: "X-Name", email: "X-Email", groups: "X-Groups")!
            )
        }

        func change(_ id: Application.ID?, _ event: ApplicationEvent) async throws -> ApplicationDecision {
            try await store.changeApplication(
                company.account.id,
                id,
                actor: .server,
                event: event,
                portalOrigin: Origin("https://portal.example.com"),
                at: TestStore.start
            )
        }

        func currentDigest() async throws -> TokenDigest {
            let rows = try await base.database.read { [id = session.id] in
                try $0.query("SELECT digest FROM portal_session WHERE id = $1", [id])
            }
            return try #require(try rows.first?.digest(0))
        }

        func issue(_ ticket: HandOverTicket) async throws {
            let isIssued = try await store.issue(ticket, by: session.digest)
            try #require(isIssued)
        }

        func ticket(_ digest: TokenDigest, nonce: TokenDigest) -> HandOverTicket {
            HandOverTicket(
                digest: digest,
                applicationID: application.id,
                accountID: company.account.id,
                portalSessionID: session.id,
                userID: company.admin.id,
                nonce: nonce,
                returnTo: "/d/abc",
                origin: application.origin.text,
                expiresAt: TestStore.start + HandOverTicket.lifetimeSeconds
            )
        }

        func callback(
            _ ticket: TokenDigest,
            nonce: TokenDigest,
            at application: Application.ID? = nil,
            session: TokenDigest = Make.digest(.applicationSession),
            replacing old: TokenDigest? = nil
        ) -> HandOverCallback {
            HandOverCallback(
                ticket: ticket,
                nonce: nonce,
                application: application ?? self.application.id,
                sessionID: ApplicationSession.ID(random: Make.random),
                sessionDigest: session,
                replaced: old,
                address: "192.0.2.7"
            )
        }

        /// A session of the application, by the whole way.
        func open() async throws -> TokenDigest {
            let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
            let digest = Make.digest(.applicationSession)
            try await issue(self.ticket(ticket, nonce: nonce))
            let redemption = try await store.redeem(
                callback(ticket, nonce: nonce, session: digest),
                at: TestStore.start
            )
            try #require(redemption.refusal == nil)
            return digest
        }
    }

    @Test("When a proxy last asked without naming its origin is kept for its own account", arguments: Engine.allCases)
    func unpinned(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (id, account) = (scene.application.id, scene.company.account.id)
        #expect(try await scene.store.unpinned(account, since: TestStore.start).isEmpty)
        try await scene.store.noteUnpinned([
            id: TestStore.start + 100, Application.ID(random: Make.random): TestStore.start,
        ])
        try await scene.store.noteUnpinned([id: TestStore.start + 50])
        #expect(try await scene.store.unpinned(account, since: TestStore.start) == [id: TestStore.start + 100])
        #expect(try await scene.store.unpinned(account, since: TestStore.start + 101).isEmpty)
        #expect(try await scene.store.unpinned(Account.ID(random: Make.random), since: TestStore.start).isEmpty)
    }

    @Test("A host is granted to one account, and what is on it is seen, whoever wrote it", arguments: Engine.allCases)
    func hosts(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (store, account, now) = (scene.store, scene.company.account.id, TestStore.start)
        let other = try await scene.base.company("other").account.id
        let pattern = HostPattern("*.example.com")!
        #expect(try await store.hostGrants(account).map(\.text) == ["grafana.example.com"], "made by the command line")
        #expect(try await store.grantHost(pattern, to: account, at: now) == nil)
        #expect(try await store.grantHost(pattern, to: account, at: now) == nil)
        #expect(try await store.grantHost(pattern, to: other, at: now) == .grantedTo(account))
        #expect(try await store.hostOwner("x.example.com") == account)
        #expect(try await store.hostOwner("example.com") == nil)
        #expect(try await !store.revokeHost(pattern, of: other, at: now))
        #expect(try await store.revokeHost(pattern, of: account, at: now))
        // A node of before there were hosts beside origins has written it.
        _ = try await scene.base.database.write { try $0.execute("UPDATE application SET host = ''", []) }
        let grafana = HostPattern("grafana.example.com")!
        #expect(try await store.revokeHost(grafana, of: account, at: now))
        #expect(try await store.grantHost(grafana, to: other, at: now) == .usedBy(account))
    }

    @Test("An application comes back as it was written, with its roles and rules", arguments: Engine.allCases)
    func roundTrip(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let role = Make.role("Operators", in: scene.company.account)
        try await scene.base.administer(scene.company.account.id, nil, .createRole(role))
        var changed = scene.application
        changed.name = "Graphs"
        changed.assurance = .password
        changed.sessionHours = nil
        changed.audience = .roles([role.id])
        #expect(try await scene.change(changed.id, .change(changed)).isAccepted)
        let rule = PathRule(
            id: PathRule.ID(random: Make.random),
            path: RequestPath(stored: "/Public")!,
            match: .prefix,
            action: .allow
        )
        #expect(try await scene.change(changed.id, .addRule(rule)).isAccepted)
        changed.rules = [rule]
        #expect(try await scene.store.applications(scene.company.account.id) == [changed])
        #expect(try await scene.store.allApplications() == [changed])
        #expect(try await scene.change(changed.id, .addRule(rule)).refusal == .ruleTaken)
        #expect(try await scene.change(changed.id, .removeRule(rule.id)).isAccepted)
        #expect(try await scene.change(changed.id, .removeRule(rule.id)).refusal == .notFound)
        let kinds = try await scene.base.entries(scene.company.account.id).compactMap(\.kind)
        #expect(
            kinds.prefix(4)
                == [.applicationRuleRemoved, .applicationRuleAdded, .applicationChanged, .roleCreated]
        )
    }

    @Test(
        "Deleting the only role of an application closes it instead of opening it to everybody",
        arguments: Engine.allCases
    )
    func deletedRole(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let role = Make.role("Operators", in: scene.company.account)
        try await scene.base.administer(scene.company.account.id, nil, .createRole(role))
        var changed = scene.application
        changed.audience = .roles([role.id])
        _ = try await scene.change(changed.id, .change(changed))
        try await scene.base.administer(scene.company.account.id, nil, .deleteRole(role.id))
        #expect(try await scene.store.applications(scene.company.account.id).first?.audience == .roles([]))
    }

    @Test("An origin belongs to one application, and the portal's to none", arguments: Engine.allCases)
    func origins(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let same = Scene.application(in: scene.company.account)
        #expect(try await scene.change(nil, .create(same)).refusal == .originTaken)
        let own = Scene.application(in: scene.company.account, origin: "https://portal.example.com")
        #expect(try await scene.change(nil, .create(own)).refusal == .originOfPortal)
    }

    @Test("Of twenty who bring the same ticket at once one gets in", arguments: Engine.allCases)
    func ticketOnce(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        try await scene.issue(scene.ticket(ticket, nonce: nonce))
        let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start).refusal
                        == nil
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(opened == 1)
        #expect(try await scene.base.count("SELECT count(*) FROM application_session") == 1)
    }

    @Test(
        "A ticket brought to another application or by another browser is spent and opens nothing",
        arguments: Engine.allCases
    )
    func ticketElsewhere(engine: Engine) async throws {
        let scene = try await Scene(engine)
        for isOtherApplication in [true, false] {
            let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
            try await scene.issue(scene.ticket(ticket, nonce: nonce))
            let wrong = scene.callback(
                ticket,
                nonce: isOtherApplication ? nonce : Make.digest(.handOverNonce),
                at: isOtherApplication ? Application.ID(random: Make.random) : nil
            )
            let first = try await scene.store.redeem(wrong, at: TestStore.start).refusal
            #expect(first == (isOtherApplication ? .otherApplication : .otherBrowser))
            let second = try await scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start)
            #expect(second.refusal == .unknown)
        }
    }

    @Test(
        "A session that goes on under another token hands out no ticket, nor does one that ended",
        arguments: Engine.allCases
    )
    func staleTicket(engine: Engine) async throws {
        let scene = try await Scene(engine)
        func ticket() -> HandOverTicket {
            scene.ticket(Make.digest(.handOverTicket), nonce: Make.digest(.handOverNonce))
        }
        try await scene.issue(ticket())
        var renewed = scene.session
        renewed.digest = Make.digest(.portalSession)
        try await scene.base.apply([.renewSession(renewed)])
        #expect(try await scene.base.count("SELECT count(*) FROM hand_over_ticket") == 0, "those on their way end")
        #expect(try await !scene.store.issue(ticket(), by: scene.session.digest))
        #expect(try await scene.store.issue(ticket(), by: renewed.digest))
        try await scene.base.apply([.endSession(renewed.id, renewed.userID)])
        #expect(try await !scene.store.issue(ticket(), by: renewed.digest))
    }

    @Test("A ticket that comes back and the renewal of its session never wait for each other", arguments: Engine.allCases)
    func redeemBesideRenewal(engine: Engine) async throws {
        let scene = try await Scene(engine)
        var deadlocks = 0
        for _ in 1...20 {
            let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
            let digest = try await scene.currentDigest()
            try #require(try await scene.store.issue(scene.ticket(ticket, nonce: nonce), by: digest))
            let began = ContinuousClock.now
            async let redeemed = scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start)
            let request = SubjectRequest(.session(digest), .all, throttles: [], source: TestStore.source)
            async let renewal: Void = scene.store.decide(request, at: TestStore.start) { state in
                guard var next = state.session else { return Decision(()) }
                next.digest = Make.digest(.portalSession)
                return Decision((), [.renewSession(next)])
            }
            _ = try await (redeemed, renewal)
            // PostgreSQL looks for deadlocks after a second of waiting.
            if ContinuousClock.now - began > .milliseconds(900) { deadlocks += 1 }
        }
        #expect(deadlocks <= 1, "a machine that is busy may be slow once")
    }

    @Test(
        "Tickets and sessions are of the address that they were made for, and die with it",
        arguments: Engine.allCases
    )
    func moved(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (late, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        let early = Make.digest(.handOverTicket)
        try await scene.issue(scene.ticket(early, nonce: nonce))
        let session = try await scene.open()
        var away = scene.application
        away.origin = Origin("https://away.example.com")!
        #expect(try await scene.change(away.id, .change(away)).isAccepted)
        #expect(try await scene.store.visit(session) == nil)
        // Made before the move and written after it, as by a slow node.
        try await scene.issue(scene.ticket(late, nonce: nonce))
        let atNewPlace = try await scene.store.redeem(scene.callback(late, nonce: nonce), at: TestStore.start)
        #expect(atNewPlace.refusal == .otherApplication)
        #expect(try await scene.change(away.id, .change(scene.application)).isAccepted)
        let back = try await scene.store.redeem(scene.callback(early, nonce: nonce), at: TestStore.start)
        #expect(back.refusal == .unknown)
        let visit = try #require(try await scene.store.visit(try await scene.open()))
        #expect(visit.session.isOf(scene.application) && !visit.session.isOf(away))
    }

    @Test(
        "A session of an application is read with its person, and dies with the portal session",
        arguments: Engine.allCases
    )
    func visit(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let digest = try await scene.open()
        let visit = try #require(try await scene.store.visit(digest))
        #expect(visit.session.applicationID == scene.application.id)
        #expect(visit.portal.session.id == scene.session.id && visit.portal.user == scene.company.admin)
        try await scene.store.decide(
            SubjectRequest(.session(scene.session.digest), [], throttles: [], source: TestStore.source),
            at: TestStore.start
        ) { _ in Decision((), [.endSession(scene.session.id, scene.company.admin.id)]) }
        #expect(try await scene.store.visit(digest) == nil)
        #expect(scene.ear.changes.withLock { $0.contains(.person(scene.company.admin.id)) })
    }

    @Test("What takes something away is noted in the same commit; what opens is not", arguments: Engine.allCases)
    func changes(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let user = try await scene.base.add("bo@acme", to: scene.company)
        let before = try await scene.store.newestChange()
        try await scene.base.apply([.insertSession(Make.session(user))])
        #expect(try await scene.store.newestChange() == before)
        try await scene.base.administer(scene.company.account.id, user.id, .disableUser)
        let heard = try await scene.store.changes(after: before).map(\.change)
        #expect(heard == [.person(user.id)])
        try await scene.base.administer(scene.company.account.id, nil, .requireTwoFactor(false))
        #expect(try await scene.store.changes(after: before).last?.change == .account(scene.company.account.id))
    }

    @Test("A session that another person's takes the place of is told as its own person's", arguments: Engine.allCases)
    func replaced(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let old = try await scene.open()
        let other = try await scene.base.add("bo@acme", to: scene.company)
        let portal = Make.session(other)
        try await scene.base.apply([.insertSession(portal)])
        let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        var issued = scene.ticket(ticket, nonce: nonce)
        (issued.userID, issued.portalSessionID) = (other.id, portal.id)
        #expect(try await scene.store.issue(issued, by: portal.digest))
        let before = try await scene.store.newestChange()
        let redemption = try await scene.store.redeem(
            scene.callback(ticket, nonce: nonce, replacing: old),
            at: TestStore.start
        )
        #expect(redemption.refusal == nil)
        #expect(try await scene.store.visit(old) == nil)
        #expect(try await scene.store.changes(after: before).map(\.change) == [.person(scene.company.admin.id)])
        #expect(scene.ear.changes.withLock { $0.contains(.person(scene.company.admin.id)) })
    }

    @Test("Use is written down, and only forwards", arguments: Engine.allCases)
    func touch(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let later = TestStore.start + 40
        try await scene.store.touch([.portalSession(scene.session.id, at: later)], at: later)
        try await scene.store.touch([.portalSession(scene.session.id, at: TestStore.start)], at: later)
        let seen = try await scene.base.count("SELECT max(last_seen_at) FROM portal_session")
        #expect(seen == later.seconds)
    }
}

extension ApplicationDecision {
    fileprivate var isAccepted: Bool { refusal == nil }

    fileprivate var refusal: ApplicationRefusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}

extension HandOverRedemption {
    fileprivate var refusal: HandOverRefusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}
