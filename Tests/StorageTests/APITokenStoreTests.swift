import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("API tokens in the database")
struct APITokenStoreTests {
    @Test("API tokens: made in a two-factor session, listed, revoked, gone with a reset", arguments: Engine.allCases)
    func tokens(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let weak = SessionView(
            session: scene.session,
            user: scene.company.admin,
            account: scene.company.account,
            permissions: .accountAdmin,
            hasTwoFactor: false
        )
        var view = weak
        view.session = Make.session(scene.company.admin, methods: [.password, .otp])
        try await scene.base.apply([.insertSession(view.session)])
        func token() -> APIToken {
            APIToken(
                id: APIToken.ID(random: Make.random),
                digest: Make.digest(.apiToken),
                userID: scene.company.admin.id,
                accountID: scene.company.account.id,
                name: "Backup",
                applicationIDs: [scene.application.id],
                createdAt: TestStore.start,
                expiresAt: TestStore.start + 3_600
            )
        }
        let now = TestStore.start
        #expect(try await scene.store.create(token(), by: weak, address: "", at: now) == .twoFactorRequired)
        let made = token()
        #expect(try await scene.store.create(made, by: view, address: "", at: now) == nil)
        #expect(try await scene.store.apiTokens(scene.company.admin.id) == [made])
        #expect(try await scene.store.bearer(made.digest)?.token == made)
        #expect(try await scene.store.revoke(made.id, by: view, address: "", at: now))
        #expect(try await scene.store.bearer(made.digest) == nil)
        #expect(try await !scene.store.revoke(made.id, by: view, address: "", at: now))
        let other = token()
        #expect(try await scene.store.create(other, by: view, address: "", at: now) == nil)
        let late = now + SessionProof.lifetimeSeconds
        guard case .needsProof(let entry) = try await scene.store.create(token(), by: view, address: "", at: late)
        else {
            Issue.record("made without a fresh proof")
            return
        }
        #expect(entry.parameters.map(\.name) == ["name", "applications", "days"])
        try await scene.base.administer(scene.company.account.id, scene.company.admin.id, .resetTwoFactor(reason: ""))
        #expect(try await scene.store.bearer(other.digest) == nil)
    }

    @Test("Of sixty who make the last token that is allowed at once one does", arguments: Engine.allCases)
    func tokenLimit(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let view = SessionView(
            session: Make.session(scene.company.admin, methods: [.password, .otp]),
            user: scene.company.admin,
            account: scene.company.account,
            permissions: .accountAdmin,
            hasTwoFactor: true
        )
        try await scene.base.apply([.insertSession(view.session)])
        let (store, application, maker) = (scene.store, scene.application.id, view)
        let create = { @Sendable (number: Int) async throws -> Bool in
            let token = APIToken(
                id: APIToken.ID(random: Make.random),
                digest: Make.digest(.apiToken),
                userID: maker.user.id,
                accountID: maker.account.id,
                name: "Token \(number)",
                applicationIDs: [application],
                createdAt: TestStore.start,
                expiresAt: TestStore.start + 3_600
            )
            return try await store.create(token, by: maker, address: "", at: TestStore.start) == nil
        }
        for number in 0..<49 { #expect(try await create(number)) }
        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 49..<109 { group.addTask { try await create(number) } }
            return try await group.reduce(into: 49) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 50)
        #expect(try await store.apiTokens(maker.user.id).count == 50)
    }
}
