import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("Logins that opened applications", .timeLimit(.minutes(2)))
struct ReservedLoginTests {
    private enum Past: CaseIterable {
        case nothing, openedNow, openedBefore
    }

    @Test(
        "Whoever opened an application leaves a login that is nobody else's for a year",
        arguments: Past.allCases,
        Engine.allCases
    )
    private func reserved(past: Past, engine: Engine) async throws {
        let base = try await TestStore(engine)
        let company = try await base.company()
        let other = try await base.company("other")
        let user = try await base.add("bo@acme", to: company)
        try await base.database.write { connection in
            switch past {
            case .nothing: break
            case .openedNow: try connection.execute("UPDATE person SET has_opened = 1 WHERE id = $1", [user.id])
            case .openedBefore:
                try connection.execute(
                    "INSERT INTO activity (happened_at, account_id, kind, actor_id) VALUES (1, $1, $2, $3)",
                    [company.account.id, ActivityKind.applicationOpened.rawValue, user.id]
                )
            }
            return ()
        }
        try await base.administer(company.account.id, user.id, .deleteUser)

        // In another spelling, by the admin of any account.
        let isReserved = past != .nothing
        for (place, into) in [company, other].enumerated() {
            for days in [0, 364] as [Int64] {
                let new = Make.new(Make.user("BO@acme", in: into.account, name: "\(place)"))
                let decision = try await base.administer(
                    into.account.id,
                    nil,
                    .createUser(new),
                    actor: try await base.actor(into.admin, at: TestStore.start + days * 24 * 3600),
                    at: TestStore.start + days * 24 * 3600
                )
                guard isReserved else {
                    #expect(decision.isAccepted)
                    try await base.administer(into.account.id, new.user.id, .deleteUser)
                    continue
                }
                #expect(decision.refusal == .loginReserved)
            }
        }
        let login = Make.login("bo@ACME")
        #expect(try await base.store.isLoginReserved(login, at: TestStore.start) == isReserved)
        let after = TestStore.start + 365 * 24 * 3600
        #expect(try await !base.store.isLoginReserved(login, at: after))
        // Who has it by the server's command line is not told of again, and leaves it as the one before did.
        let next = try await base.add("bo@acme", to: other)
        #expect(try await !base.store.isLoginReserved(login, at: TestStore.start))
        try await base.administer(other.account.id, next.id, .deleteUser)
        #expect(try await base.store.isLoginReserved(login, at: TestStore.start) == isReserved)
    }

    @Test(
        "The hand-over notes it, and so does an API token; no login stands in clear",
        arguments: Engine.allCases,
        [false, true]
    )
    func noted(engine: Engine, byToken: Bool) async throws {
        let scene = try await GatewayScene(engine)
        let admin = scene.company.admin
        if byToken {
            let view = SessionView(
                session: Make.session(admin, methods: [.password, .otp]),
                user: admin,
                account: scene.company.account,
                permissions: .accountAdmin,
                hasTwoFactor: true
            )
            try await scene.base.apply([.insertSession(view.session)])
            let token = APIToken(
                id: APIToken.ID(random: Make.random),
                digest: Make.digest(.apiToken),
                userID: admin.id,
                accountID: admin.accountID,
                name: "Backup",
                applicationIDs: [scene.application.id],
                createdAt: TestStore.start,
                expiresAt: TestStore.start + 3_600
            )
            #expect(try await scene.store.create(token, by: view, address: "", at: TestStore.start) == nil)
        } else {
            _ = try await scene.open()
        }
        let second = try await scene.base.add("cy@acme", to: scene.company, isAccountAdmin: true)
        try await scene.base.administer(
            scene.company.account.id,
            admin.id,
            .deleteUser,
            actor: try await scene.base.actor(second)
        )
        #expect(try await scene.store.isLoginReserved(Make.login(admin.login), at: TestStore.start))
        let rows = try await scene.base.database.read { try $0.query("SELECT digest FROM reserved_login", []) }
        let digest = scene.base.keyRing.keyedDigest(of: Make.login(admin.login).key)
        #expect(try rows.map { try $0.blob(0) } == [digest.bytes])
    }

    @Test("A letter whose small form is written otherwise is the same login here", arguments: Engine.allCases)
    func letters(engine: Engine) async throws {
        let base = try await TestStore(engine)
        let company = try await base.company()
        // Lowering their case leaves the normal form; typed small they come composed.
        for (capital, small) in [
            ("J\u{30C}ane", "\u{1F0}ane"), ("H\u{331}al", "\u{1E96}al"), ("\u{391}\u{342}x", "\u{1FB6}x"),
        ] {
            let user = try await base.add(capital, to: company)
            try await base.database.write { connection in
                try connection.execute("UPDATE person SET has_opened = 1 WHERE id = $1", [user.id])
                return ()
            }
            try await base.administer(company.account.id, user.id, .deleteUser)
            #expect(try await base.store.isLoginReserved(Make.login(small), at: TestStore.start), "\(small)")
        }
    }
}
