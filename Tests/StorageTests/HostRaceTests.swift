import Accounts
import Foundation
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("Hosts and two accounts at once")
struct HostRaceTests {
    private static func create(_ scene: GatewayScene, _ origin: String) async -> Bool {
        let actor = Actor.person(scene.company.admin.id, session: scene.session.digest, address: "192.0.2.1")
        let decision = try? await scene.store.changeApplication(
            scene.company.account.id,
            nil,
            actor: actor,
            event: .create(GatewayScene.application(in: scene.company.account, origin: origin)),
            portalOrigin: Origin("https://portal.example.com"),
            at: TestStore.start
        )
        return decision?.isAccepted ?? false
    }

    @Test(
        "A host that is moved while its account comes to it is moved before or not at all",
        arguments: Engine.allCases
    )
    func moved(engine: Engine) async throws {
        let base = try await TestStore(engine)
        let store = PortalStore(database: base.database, keyRing: base.keyRing)
        let one = try await GatewayScene(base, store, company: "one")
        // The first one's host is taken.
        _ = try await one.change(one.application.id, .delete)
        let other = try await GatewayScene(base, store, company: "other")
        let host = "moved.example.com"
        let pattern = HostPattern(host)!
        let (mine, theirs) = (one.company.account.id, other.company.account.id)
        _ = try await store.grantHost(pattern, to: mine, at: TestStore.start)
        // Who has read that the host is theirs waits here before they write.
        async let held: Void = base.database.write { connection in
            guard connection.hasOtherWriters else { return }
            try connection.execute("LOCK TABLE application IN SHARE MODE", [])
            usleep(800_000)
        }
        try await Task.sleep(for: .milliseconds(150))
        async let first = Self.create(one, "https://\(host):9004")
        try await Task.sleep(for: .milliseconds(150))
        async let moved: Bool = {
            _ = try await store.revokeHost(pattern, of: mine, at: TestStore.start)
            return try await store.grantHost(pattern, to: theirs, at: TestStore.start) == nil
        }()
        try await Task.sleep(for: .milliseconds(150))
        async let second = Self.create(other, "https://\(host):9101")
        let (isFirst, isSecond, isMoved) = try await (first, second, moved)
        try await held
        #expect(!(isFirst && (isSecond || isMoved)))
        #expect(isFirst || isMoved)
    }
}
