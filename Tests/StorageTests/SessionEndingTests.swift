import Accounts
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("Endings of sessions", .timeLimit(.minutes(2)))
struct SessionEndingTests {
    /// What was told, in order.
    private final class Ear: Sendable {
        private let heard = Mutex<[SessionEnding]>([])

        func listen(to endings: any SessionEndings) {
            endings.observe { ending in self.heard.withLock { $0.append(ending) } }
        }

        /// What was told since the last time.
        func take() -> [SessionEnding] {
            heard.withLock { heard in
                defer { heard = [] }
                return heard
            }
        }
    }

    @Test(
        "What ends a session or takes from it is told when it is answered; a refusal tells nothing",
        arguments: Engine.allCases
    )
    func told(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let bo = try await test.add("bo", to: company)
        let (session, ear) = (Make.session(bo), Ear())
        ear.listen(to: test.store.endings)

        try await test.apply([.insertSession(session), .recordSignIn(bo.id, at: TestStore.start)])
        #expect(ear.take() == [])
        try await test.apply([.endSession(session.id, bo.id), .endAgentSessions(bo.id)])
        #expect(ear.take() == [.person(bo.id)])
        try await test.administer(company.account.id, bo.id, .disableUser)
        #expect(ear.take() == [.person(bo.id)])
        let role = Make.role("Reader", in: company.account)
        try await test.administer(company.account.id, nil, .createRole(role))
        #expect(ear.take() == [])
        try await test.administer(company.account.id, nil, .deleteRole(role.id))
        #expect(ear.take() == [.account(company.account.id)])
        let refused = try await test.administer(company.account.id, nil, .requireTwoFactor(true))
        #expect(refused.refusal == .adminFirst)
        let gone = SignInAttempt.ID(random: Make.random)
        await #expect(throws: StoreError.conflict) {
            try await test.apply([.endSessions(bo.id, except: nil), .closeAttempt(gone, version: 0)])
        }
        #expect(ear.take() == [])
    }

    @Test("Another node is told within a second (INV-5)")
    func otherNode() async throws {
        let test = try await TestStore(.postgres)
        guard case .postgres(_, let settings) = test.opened else { return }
        let company = try await test.company()
        let other = try await PostgresDatabase.open(settings)
        defer { other.close() }
        let (store, ear) = (PortalStore(database: other, keyRing: test.keyRing), Ear())
        ear.listen(to: store.endings)
        other.watch.start { store.endings.hear($0) }
        // It says "all" when it begins to listen, and nothing more from then on.
        var heard: [SessionEnding] = []
        for _ in 0..<100 where !heard.contains(.all) {
            try await Task.sleep(for: .milliseconds(20))
            heard += ear.take()
        }
        try await Task.sleep(for: .milliseconds(500))
        _ = ear.take()
        try await test.apply([.endSessions(company.admin.id, except: nil)])
        heard = []
        for _ in 0..<50 where !heard.contains(.person(company.admin.id)) {
            try await Task.sleep(for: .milliseconds(20))
            heard += ear.take()
        }
        #expect(heard.contains(.person(company.admin.id)))
    }

    @Test("A node that cannot hear the others says again and again that all may be over")
    func deaf() async throws {
        let database = try await PostgresDatabase.open(try await TestServer.emptySchema(isPrepared: false))
        defer { database.close() }
        let (hub, ear) = (SessionEndingHub(), Ear())
        ear.listen(to: hub)
        database.watch.start { hub.hear($0) }
        var heard: [SessionEnding] = []
        for _ in 0..<200 where heard.count < 4 {
            try await Task.sleep(for: .milliseconds(20))
            heard += ear.take()
        }
        #expect(heard.count >= 4 && heard.allSatisfy { $0 == .all })
    }
}
