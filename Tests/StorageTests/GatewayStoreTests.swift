import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("Applications and their sessions in the database")
struct GatewayStoreTests {
    @Test("When a proxy last asked without naming its origin is kept for its own account", arguments: Engine.allCases)
    func unpinned(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
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
        let scene = try await GatewayScene(engine)
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
        let scene = try await GatewayScene(engine)
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
        let scene = try await GatewayScene(engine)
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
        let scene = try await GatewayScene(engine)
        let same = GatewayScene.application(in: scene.company.account)
        #expect(try await scene.change(nil, .create(same)).refusal == .originTaken)
        let own = GatewayScene.application(in: scene.company.account, origin: "https://portal.example.com")
        #expect(try await scene.change(nil, .create(own)).refusal == .originOfPortal)
    }

    @Test(
        "A session of an application is read with its person, and dies with the portal session",
        arguments: Engine.allCases
    )
    func visit(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
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
        let scene = try await GatewayScene(engine)
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

    @Test(
        "A session that another person's takes the place of is told as its own person's, also on another port of the host",
        arguments: Engine.allCases,
        ["https://grafana.example.com", "https://grafana.example.com:8443"]
    )
    func replaced(engine: Engine, origin: String) async throws {
        let scene = try await GatewayScene(engine)
        let old = try await scene.open()
        var application = scene.application
        if origin != application.origin.text {
            application = GatewayScene.application(in: scene.company.account, origin: origin)
            #expect(try await scene.change(nil, .create(application)).isAccepted)
        }
        let other = try await scene.base.add("bo@acme", to: scene.company)
        let portal = Make.session(other)
        try await scene.base.apply([.insertSession(portal)])
        let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        var issued = scene.ticket(ticket, nonce: nonce)
        (issued.userID, issued.portalSessionID) = (other.id, portal.id)
        (issued.applicationID, issued.origin) = (application.id, origin)
        #expect(try await scene.store.issue(issued, by: portal.digest))
        let before = try await scene.store.newestChange()
        let redemption = try await scene.store.redeem(
            scene.callback(ticket, nonce: nonce, at: application.id, replacing: old),
            at: TestStore.start
        )
        #expect(redemption.refusal == nil)
        #expect(try await scene.store.visit(old) == nil)
        #expect(try await scene.store.changes(after: before).map(\.change) == [.person(scene.company.admin.id)])
        #expect(scene.ear.changes.withLock { $0.contains(.person(scene.company.admin.id)) })
    }

    @Test("Use is written down, and only forwards", arguments: Engine.allCases)
    func touch(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let later = TestStore.start + 40
        try await scene.store.touch([.portalSession(scene.session.id, at: later)], at: later)
        try await scene.store.touch([.portalSession(scene.session.id, at: TestStore.start)], at: later)
        let seen = try await scene.base.count("SELECT max(last_seen_at) FROM portal_session")
        #expect(seen == later.seconds)
    }
}
