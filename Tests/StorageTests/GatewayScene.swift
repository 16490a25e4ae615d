import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

/// Remembers what was heard.
final class Ear: Sendable {
    let changes = Mutex<[SessionEnding]>([])

    func listen(to endings: any SessionEndings) {
        endings.observe { ending in self.changes.withLock { $0.append(ending) } }
    }
}

struct GatewayScene {
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
        application = GatewayScene.application(in: company.account)
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

extension ApplicationDecision {
    var isAccepted: Bool { refusal == nil }

    var refusal: ApplicationRefusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}

extension HandOverRedemption {
    var refusal: HandOverRefusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}
