import Accounts
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

@Suite("Moving to PostgreSQL", .timeLimit(.minutes(2)))
struct MoveTests {
    private func target() async throws -> PostgresDatabase {
        let database = try await PostgresDatabase.open(try await TestServer.emptySchema())
        _ = try await database.migrate()
        return database
    }

    /// A company in which every table has rows.
    private func filled() async throws -> (TestStore, TestStore.Company) {
        let test = try await TestStore(.sqlite)
        let company = try await test.company()
        let role = Make.role("Reader", in: company.account)
        try await test.administer(company.account.id, nil, .createRole(role))
        let (_, link) = Make.link(.invitation, lasting: 3_600)
        let bo = try await test.add("bo", to: company, credential: .invitation(link), roleIDs: [role.id])
        let digest = try await test.state("bo").loginDigest
        let session = Make.session(bo)
        try await test.apply([
            .insertAuthenticator(bo.id, try Make.authenticator(lastStep: 41)), .savePending(bo.id, try Make.pending()),
            .replaceRecoveryCodes(bo.id, Make.recoveryCodes()), .insertAttempt(Make.attempt(bo)),
            .insertSession(session), .insertAgentSession(Make.agentSession(bo)),
            .saveThrottle(.login(.token, digest), ThrottleState(consecutive: 7, recent: [TestStore.start])),
        ])
        try await test.store.plantSealCheck()
        try await addApplication(test, account: company.account.id, role: role.id, user: bo.id, session: session.id)
        return (test, company)
    }

    private func addApplication(
        _ test: TestStore,
        account: Account.ID,
        role: Role.ID,
        user: User.ID,
        session: PortalSession.ID
    ) async throws {
        try await test.database.write { connection in
            let digest = [UInt8](repeating: 9, count: 32)
            let rows: [(String, [any SQLConvertible])] = [
                (
                    """
                    INSERT INTO application (id, account_id, name, origin, assurance, everybody, header_user, header_name,
                    header_email, header_groups, created_at)
                    VALUES ('app', $1, 'Grafana', 'https://g.example', 'two-factor', 0, 'U', 'N', 'E', 'G', 1)
                    """, [account]
                ),
                ("INSERT INTO application_role VALUES ($1, 'app', $2)", [account, role]),
                ("INSERT INTO application_rule VALUES ('rule', $1, 'app', '/x', '/x', 'exact', 'deny')", [account]),
                (
                    "INSERT INTO hand_over_ticket VALUES ($1, $2, 'app', $3, $4, $1, '/', 1, 'https://g.example')",
                    [digest, account, session, user]
                ),
                (
                    "INSERT INTO application_session VALUES ('visit', $1, $2, 'app', $3, 1, '')",
                    [digest, account, session]
                ),
                ("INSERT INTO api_token VALUES ('token', $1, $2, $3, 'CI', 1, 2, NULL, 0)", [digest, account, user]),
                ("INSERT INTO api_token_application VALUES ($1, 'token', 'app')", [account]),
                ("INSERT INTO host_grant VALUES ('*.example', $1, 1)", [account]),
                (
                    "INSERT INTO waiting_post VALUES ('post', $1, $2, '/setup/roles', 'strongest', $3, 2)",
                    [account, session, digest]
                ),
                ("INSERT INTO known_browser VALUES ($1, $2, $3, 1)", [user, digest, account]),
                ("INSERT INTO former_host VALUES ($1, 'old.example')", [account]),
                ("INSERT INTO reserved_login VALUES ($1, $2, 1)", [digest, account]),
                ("INSERT INTO access_change (changed_at, person_id) VALUES (1, $1)", [user]),
            ]
            for (sql, parameters) in rows { try connection.execute(sql, parameters) }
        }
    }

    @Test("Everything is there afterwards, sealed as it was; the source is left alone")
    func everything() async throws {
        let (test, company) = try await filled()
        let database = try await target()
        defer { database.close() }
        let before = try test.embedded.path
        let moved = try await database.takeOver(try test.embedded)
        #expect(moved.count > 10)
        for table in moved where !["account_address"].contains(table.table) {
            #expect(table.rows > 0, "\(table.table)")
        }

        let store = PortalStore(database: database, keyRing: test.keyRing)
        #expect(try await store.checkSeals() == .none)
        let query = SubjectRequest(.login(Make.login("bo")), .all, throttles: [.token], source: TestStore.source)
        let old = try await test.store.decide(query, at: TestStore.start) { Decision($0) }
        let new = try await store.decide(query, at: TestStore.start) { Decision($0) }
        let (was, now) = (try #require(old.subject), try #require(new.subject))
        #expect(now.user == was.user)
        #expect(now.passwordHash == was.passwordHash)
        #expect(now.recoveryCodes == was.recoveryCodes)
        #expect(now.authenticators.map(\.lastAcceptedStep.rawValue) == [41])
        guard case .readable = now.authenticators.first?.secret else { return #expect(Bool(false), "it does not open") }
        #expect(now.pending?.secret == was.pending?.secret)
        #expect(new.throttles[.login(.token, new.loginDigest)].consecutive == 7)

        // The log goes on behind what was carried over.
        let entries = try await store.activity(company.account.id, ActivityQuery()).items
        #expect(entries.map(\.number) == (try await test.entries(company.account.id)).map(\.number))
        _ = try await store.administer(
            company.account.id,
            actor: .server,
            target: nil,
            event: .createRole(Make.role("Writer", in: company.account)),
            at: TestStore.start
        )
        let next = try #require(try await store.activity(company.account.id, ActivityQuery()).items.first)
        #expect(next.number > (entries.first?.number ?? 0))
        #expect(try test.embedded.path == before)
        #expect(try await test.embedded.integrityProblem() == nil)
    }

    @Test("A target that has accounts is refused, and keeps what it has")
    func occupied() async throws {
        let (test, _) = try await filled()
        let database = try await target()
        defer { database.close() }
        _ = try await database.takeOver(try test.embedded)
        await #expect(throws: PostgresDatabase.OpenError.self) { try await database.takeOver(try test.embedded) }
        let people = try await database.read { try #require(try $0.query("SELECT count(*) FROM person", []).first) }
        #expect(try people.integer(0) == 2)
    }
}
