import Accounts
import Gateway
import Secrets
import SignIn
import Testing

@testable import Storage

@Suite("What keeps tables from growing for ever", .timeLimit(.minutes(2)))
struct UpkeepRulesTests {
    @Test("Every table that the database has is in the list, and no other", arguments: Engine.allCases)
    func complete(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let sql =
            switch engine {
            case .sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            case .postgres: "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
            }
        let tables = try await test.database.read { try $0.query(sql, []).map { try $0.text(0) } }
        #expect(Set(tables) == Set(UpkeepRules.all.keys))
    }

    @Test("A row that goes with another one does so by the database's own rule", arguments: Engine.allCases)
    func cascades(engine: Engine) async throws {
        let test = try await TestStore(engine)
        for (table, rule) in UpkeepRules.all {
            guard case .goesWith(let owner) = rule else { continue }
            let sql =
                switch engine {
                case .sqlite:
                    """
                    SELECT count(*) FROM pragma_foreign_key_list('\(table)') WHERE "table" = '\(owner)'
                    AND on_delete = 'CASCADE'
                    """
                case .postgres:
                    """
                    SELECT count(*) FROM pg_constraint WHERE conrelid = '\(table)'::regclass
                    AND confrelid = '\(owner)'::regclass AND confdeltype = 'c'
                    """
                }
            #expect(try await test.count(sql) > 0, "\(table) with \(owner)")
            guard let ownersRule = UpkeepRules.all[owner] else {
                Issue.record("\(owner) has no rule")
                continue
            }
            if case .stays = ownersRule { #expect(owner == "account", "only an operator makes accounts") }
        }
    }

    /// A row in every table whose rows expire.
    private func fill(_ scene: GatewayScene) async throws {
        let (base, company, now) = (scene.base, scene.company, TestStore.start)
        let admin = company.admin
        _ = try await scene.open()
        let session = Make.session(admin, methods: [.password, .otp])
        let (_, link) = Make.link(.invitation, lasting: 3_600)
        let user = try await base.add("bo", to: company, credential: .invitation(link))
        let digest = try await base.state("clara").loginDigest
        try await base.apply(
            [
                .insertSession(session), .insertAttempt(Make.attempt(user)),
                .savePending(user.id, try Make.pending()), .insertAgentSession(Make.agentSession(user)),
                .knowBrowser(admin.id, Make.digest(.knownBrowser), at: now),
                .saveThrottle(.login(.portalPassword, digest), ThrottleState(consecutive: 3, recent: [now])),
            ],
            entries: [
                ActivityEntry(.unknownLoginRefused, accountID: nil, address: "192.0.2.7"),
                ActivityEntry(.limitReached, accountID: company.account.id, address: "192.0.2.7", mergeKey: "k"),
            ]
        )
        try await scene.issue(scene.ticket(Make.digest(.handOverTicket), nonce: Make.digest(.handOverNonce)))
        let post = WaitingPost(
            id: WaitingPost.ID(random: Make.random),
            sessionID: session.id,
            accountID: session.accountID,
            path: "/setup/users",
            need: .strongest,
            content: [1],
            expiresAt: now + 900
        )
        try await base.store.keep(post, by: session.digest)
        let view = SessionView(
            session: session,
            user: admin,
            account: company.account,
            permissions: .accountAdmin,
            hasTwoFactor: true
        )
        let token = APIToken(
            id: APIToken.ID(random: Make.random),
            digest: Make.digest(.apiToken),
            userID: admin.id,
            accountID: company.account.id,
            name: "Backup",
            applicationIDs: [scene.application.id],
            createdAt: now,
            expiresAt: now + 3_600
        )
        try #require(try await base.store.create(token, by: view, address: "", at: now) == nil)
        // Somebody who has opened an application, and is deleted.
        let gone = try await base.add("dan", to: company)
        try await base.database.write { connection in
            try connection.execute("UPDATE person SET has_opened = 1 WHERE id = $1", [gone.id])
            return ()
        }
        try await base.administer(company.account.id, gone.id, .deleteUser)
    }

    @Test("What expires is taken away, table by table", arguments: Engine.allCases)
    func shrinks(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        try await fill(scene)
        let expiring = UpkeepRules.all.filter { !$0.value.removals.isEmpty }.keys
        for table in expiring {
            #expect(try await scene.base.count("SELECT count(*) FROM \(table)") > 0, "\(table) was not filled")
        }
        try await scene.store.cleanUp(at: TestStore.start + 3 * 365 * 24 * 3_600)
        for table in expiring {
            // What people did stays with their account.
            let condition = table == "activity" ? "account_id IS NULL OR merge_key IS NOT NULL" : "1 = 1"
            #expect(try await scene.base.count("SELECT count(*) FROM \(table) WHERE \(condition)") == 0, "\(table)")
        }
        #expect(try await scene.base.count("SELECT count(*) FROM activity") > 0)
        #expect(try await scene.base.count("SELECT count(*) FROM application_session") == 0, "with its session")
    }

    @Test("What belongs to no account is bounded in number, also between two clean-ups", arguments: Engine.allCases)
    func strangers(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let account = try await test.company().account.id
        let strangers = { (range: Range<Int>) in
            range.map {
                ActivityEntry(.unknownLoginRefused, accountID: nil, address: "192.0.2.\($0 % 256)", mergeKey: "\($0)")
            }
        }
        try await test.apply([], entries: [ActivityEntry(.limitReached, accountID: account, mergeKey: "known")])
        let most = Int64(StrangersActivity.maximumRows)
        for first in stride(from: 0, to: 10_200, by: 600) {
            try await test.apply([], entries: strangers(first..<first + 600))
        }
        let sql = "SELECT count(*) FROM activity WHERE account_id IS NULL"
        #expect(try await test.count(sql) < most + 64)
        try await test.store.cleanUp(at: TestStore.start + 1)
        #expect(try await test.count(sql) == most)
        let newest = try await test.store.activityWithoutAccount(limit: 2)
        #expect(newest.map(\.address) == ["192.0.2.\(10_199 % 256)", "192.0.2.\(10_198 % 256)"])
        #expect(try await test.count("SELECT count(*) FROM activity WHERE merge_key = 'known'") == 1)
        try await test.store.cleanUp(at: TestStore.start + 31 * 24 * 3_600)
        #expect(try await test.count(sql) == 0)
        #expect(try await test.count("SELECT count(*) FROM activity WHERE merge_key = 'known'") == 1)
        try await test.store.cleanUp(at: TestStore.start + 91 * 24 * 3_600)
        #expect(try await test.count("SELECT count(*) FROM activity WHERE merge_key = 'known'") == 0)
    }

    @Test("Counters are bounded in number; a run of wrong tokens is none of those that go", arguments: Engine.allCases)
    func counters(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let most = UpkeepRules.maximumCounters
        for first in stride(from: 1, through: most + 500, by: Self.portion) {
            try await fill(test, "portal_password", first...min(first + Self.portion - 1, most + 500))
        }
        try await fill(test, "token", most + 501...most + 510)
        try await test.store.cleanUp(at: TestStore.start + 1)
        #expect(try await test.count("SELECT count(*) FROM throttle WHERE kind = 'token'") == 10)
        let left = try await test.count("SELECT count(*) FROM throttle WHERE kind = 'portal_password'")
        #expect(left == Int64(most) + 1)
        #expect(
            try await test.count("SELECT count(*) FROM throttle WHERE subject = 'l\(most + 500)'") == 1,
            "the newest stay"
        )
    }

    /// A statement's time is limited, and a machine that runs all tests at once is many times slower than one at rest.
    private static let portion = 10_000

    private func fill(_ test: TestStore, _ kind: String, _ numbers: ClosedRange<Int>) async throws {
        try await test.database.write { connection in
            try connection.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
                INSERT INTO throttle (kind, scope, subject, consecutive, recent, updated_at)
                SELECT '\(kind)', 'login', 'l' || i, 1, $3, CASE WHEN '\(kind)' = 'token' THEN 0 ELSE $4 + i END FROM n
                """,
                [Int64(numbers.lowerBound), Int64(numbers.upperBound), [UInt8](), TestStore.start.seconds]
            )
            return ()
        }
    }
}
