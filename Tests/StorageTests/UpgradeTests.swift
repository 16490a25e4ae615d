import Accounts
import Foundation
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

        try await opened.migrate()
        let key = KeyRing.Key(random: SystemRandomSource())
        let store = PortalStore(database: opened.database, keyRing: try KeyRing(keys: [key], currentID: key.id))
        #expect(try await store.schemaFits())
        #expect(try await store.accounts() == [account])
        #expect(try await store.user(login: Make.login("ana")) == user)
        #expect(try await store.sessionView(session.digest)?.user == user)
        let rows = try await opened.database.read { try $0.query("SELECT id FROM pending_enrolment", []) }
        #expect(try rows.map { try $0.text(0) } == [pending.id.description])
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
