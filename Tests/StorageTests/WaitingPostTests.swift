import Accounts
import Secrets
import SignIn
import Storage
import Testing

@Suite("Posts that wait for a proof", .timeLimit(.minutes(2)))
struct WaitingPostTests {
    private struct Scene {
        let base: TestStore
        let session: PortalSession
        let other: PortalSession

        init(_ engine: Engine) async throws {
            base = try await TestStore(engine)
            let company = try await base.company()
            session = Make.session(company.admin)
            other = Make.session(company.admin)
            try await base.apply([.insertSession(session), .insertSession(other)])
        }

        func post(_ path: String = "/setup/users/x/grant-admin", lasting seconds: Int64 = 900) -> WaitingPost {
            WaitingPost(
                id: WaitingPost.ID(random: Make.random),
                sessionID: session.id,
                accountID: session.accountID,
                path: path,
                need: .strongest,
                content: Array("what was sent".utf8),
                expiresAt: TestStore.start + seconds
            )
        }
    }

    @Test("A post is shown to its session, taken once, and nobody else's", arguments: Engine.allCases)
    func once(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (store, now) = (scene.base.store, TestStore.start)
        let post = scene.post()
        try await store.keep(post, by: scene.session.digest)
        #expect(try await store.waitingPost(post.id, of: scene.session.id, at: now) == post)
        #expect(try await store.waitingPost(post.id, of: scene.other.id, at: now) == nil)
        #expect(try await store.takePost(post.id, of: scene.other.id, at: now) == nil)
        let taken = try await withThrowingTaskGroup(of: WaitingPost?.self) { group in
            for _ in 1...20 { group.addTask { try await store.takePost(post.id, of: scene.session.id, at: now) } }
            return try await group.reduce(into: [WaitingPost]()) { if let post = $1 { $0.append(post) } }
        }
        #expect(taken == [post])
    }

    @Test("It expires, and dies with its session", arguments: Engine.allCases)
    func ends(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let store = scene.base.store
        let (short, long) = (scene.post(lasting: 10), scene.post())
        try await store.keep(short, by: scene.session.digest)
        try await store.keep(long, by: scene.session.digest)
        let late = TestStore.start + 10
        #expect(try await store.waitingPost(short.id, of: scene.session.id, at: late) == nil)
        #expect(try await store.takePost(short.id, of: scene.session.id, at: late) == nil)
        try await scene.base.apply([.endSession(scene.session.id, scene.session.userID)])
        #expect(try await store.takePost(long.id, of: scene.session.id, at: TestStore.start) == nil)
        try await store.keep(scene.post(), by: scene.session.digest)
        let rows = try await scene.base.database.read { try $0.query("SELECT id FROM waiting_post", []).count }
        #expect(rows == 0, "a session that has ended keeps nothing")
    }

    @Test("Of sixty at once a session keeps the few that it may", arguments: Engine.allCases)
    func limit(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let store = scene.base.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...60 {
                group.addTask { try await store.keep(scene.post(lasting: Int64(number)), by: scene.session.digest) }
            }
            try await group.waitForAll()
        }
        let rows = try await scene.base.database.read { try $0.query("SELECT id FROM waiting_post", []).count }
        #expect(rows == WaitingPost.maximumPerSession)
    }

    @Test("It is sealed, and opens for its own session and path alone", arguments: Engine.allCases)
    func sealed(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let store = scene.base.store
        for change in ["portal_session_id = '\(scene.other.id)'", "path = '/setup/roles'", "need = 'password'"] {
            let post = scene.post()
            try await store.keep(post, by: scene.session.digest)
            let stored = try await scene.base.database.read {
                try $0.query("SELECT sealed FROM waiting_post WHERE id = $1", [post.id]).first?.blob(0)
            }
            #expect(stored?.contains(sequence: post.content) == false)
            try await scene.base.database.write { connection in
                try connection.execute("UPDATE waiting_post SET \(change) WHERE id = $1", [post.id])
                return ()
            }
            for session in [scene.session, scene.other] {
                let found = try? await store.takePost(post.id, of: session.id, at: TestStore.start)
                #expect(found == nil, "\(change)")
            }
        }
    }
}

extension [UInt8] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: sequence) }
    }
}
