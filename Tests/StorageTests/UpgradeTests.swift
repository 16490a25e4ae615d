import Accounts
import Foundation
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("Upgrading", .timeLimit(.minutes(2)))
struct UpgradeTests {
    @Test(
        "From every earlier schema with rows in it: nothing is lost, and what is new has its default",
        arguments: 1..<Schema.version,
        Engine.allCases
    )
    func upgrade(earlier: Int, engine: Engine) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("upgrade-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let opened = try await OpenedStore(engine, in: folder, schema: earlier)
        defer { opened.close() }
        let account = Account(id: Account.ID(random: Make.random), name: "Acme")
        let user = Make.user("ana", in: account, name: "Ana", isAccountAdmin: true)
        let (pending, session) = (try Make.pending(), Make.session(user))
        try await insert(account, user, pending, session, into: opened.database)
        let lacksHosts = (3..<5).contains(earlier)
        if lacksHosts { try await insertApplications(of: account, into: opened.database) }

        try await opened.migrate()
        let key = KeyRing.Key(random: SystemRandomSource())
        let store = PortalStore(database: opened.database, keyRing: try KeyRing(keys: [key], currentID: key.id))
        #expect(try await store.schemaFits())
        #expect(try await store.accounts() == [account])
        #expect(try await store.user(login: Make.login("ana")) == user)
        let view = try await store.sessionView(session.digest)
        #expect(view?.user == user)
        #expect(view?.session.proof == nil, "what was opened before has proven nothing")
        let rows = try await opened.database.read { try $0.query("SELECT id FROM pending_enrolment", []) }
        #expect(try rows.map { try $0.text(0) } == [pending.id.description])
        if lacksHosts {
            let hosts = try await opened.database.read { try $0.query("SELECT origin, host FROM application", []) }
            for row in hosts { #expect(try row.text(1) == Origin(try row.text(0))?.host) }
            #expect(hosts.count == Self.origins.count)
        }
    }

    @Test("An upgrade is tried again beside the copy of one that failed")
    func again() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("upgrade-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let opened = try await OpenedStore(.sqlite, in: folder, schema: Schema.version - 1)
        defer { opened.close() }
        let database = try #require(opened.database as? SQLiteDatabase)
        let first = "\(database.path).before-schema-\(Schema.version)"
        try Data("of then".utf8).write(to: URL(fileURLWithPath: first))
        #expect(try await database.migrate() == first + "-2")
        #expect(try await database.schemaVersion() == Schema.version)
        #expect(try Data(contentsOf: URL(fileURLWithPath: first)) == Data("of then".utf8))
        // The copy is a whole database.
        let attributes = try FileManager.default.attributesOfItem(atPath: first + "-2")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    private static let origins = [
        "https://nas1", "https://a.example:3000", "http://b.localhost:80", "https://10.example",
    ]

    private func insertApplications(of account: Account, into database: any Database) async throws {
        try await database.write { connection in
            for origin in Self.origins {
                try connection.execute(
                    """
                    INSERT INTO application (id, account_id, name, origin, assurance, everybody, header_user, header_name,
                    header_email, header_groups, created_at) VALUES ($1, $2, $3, $3, 'password', 1, 'A', 'B', 'C', 'D', $4)
                    """,
                    [UUID().uuidString.lowercased(), account.id, origin, TestStore.start]
                )
            }
            return ()
        }
    }

    /// With the columns that the first schema has; a later one may add some and takes none away.
    private func insert(
        _ account: Account,
        _ user: User,
        _ pending: PendingEnrolment,
        _ session: PortalSession,
        into database: any Database
    ) async throws {
        let now = TestStore.start
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3)",
                [account.id, account.name, now]
            )
            try connection.execute(
                """
                INSERT INTO person (id, account_id, login, login_key, name, account_admin, password_hash, created_at)
                VALUES ($1, $2, $3, $3, $4, 1, $5, $6)
                """,
                [user.id, account.id, user.login, user.name, Make.hash.phc, now]
            )
            try connection.execute(
                """
                INSERT INTO pending_enrolment (person_id, account_id, id, secret, expires_at)
                VALUES ($1, $2, $3, $4, $5)
                """,
                [user.id, account.id, pending.id, [UInt8](repeating: 1, count: 40), now]
            )
            try connection.execute(
                """
                INSERT INTO portal_session (id, digest, account_id, person_id, methods, created_at, last_seen_at)
                VALUES ($1, $2, $3, $4, $5, $6, $6)
                """,
                [session.id, session.digest, account.id, user.id, "pwd", now]
            )
        }
    }
}
