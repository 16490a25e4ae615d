import Accounts
import Foundation
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

@Suite("The embedded database", .timeLimit(.minutes(2)))
struct SQLiteDatabaseTests {
    @Test("An empty file is migrated to the newest schema, and migrating again changes nothing")
    func migration() async throws {
        let test = try await TestStore()
        #expect(try await test.embedded.schemaVersion() == Schema.version)
        #expect(try await test.store.schemaFits())
        #expect(try await test.embedded.migrate() == nil)
        #expect(try await test.count("SELECT count(*) FROM schema_version") == Int64(Schema.version))
        #expect(try await test.embedded.integrityProblem() == nil)
    }

    @Test("A database of a newer program is refused, not touched; who runs already goes on with it")
    func newerSchema() async throws {
        let test = try await TestStore()
        try await test.database.write { connection in
            try connection.execute("INSERT INTO schema_version (version) VALUES ($1)", [Schema.version + 1])
            return ()
        }
        await #expect(throws: SQLiteDatabase.OpenError.self) { try await test.embedded.migrate() }
        #expect(try await test.store.schemaFits())
    }

    struct Pragma: Sendable, CustomTestStringConvertible {
        let name: String
        let value: SQLValue
        var testDescription: String { name }

        static let all = [
            // FULL: an answer that was given survives a power cut.
            Pragma(name: "synchronous", value: .integer(2)),
            Pragma(name: "foreign_keys", value: .integer(1)),
            Pragma(name: "journal_mode", value: .text("wal")),
            Pragma(name: "busy_timeout", value: .integer(5_000)),
        ]
    }

    @Test("The writer commits to the disk, checks foreign keys and waits for others", arguments: Pragma.all)
    func pragmas(pragma: Pragma) async throws {
        let test = try await TestStore()
        let row = try await test.database.write { try #require(try $0.query("PRAGMA \(pragma.name)", []).first) }
        switch pragma.value {
        case .integer(let value): #expect(try row.integer(0) == value)
        default: #expect(try .text(row.text(0)) == pragma.value)
        }
    }

    @Test("The file is readable by its owner alone, the log beside it as well")
    func fileMode() async throws {
        let test = try await TestStore()
        _ = try await test.company()
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: test.path + suffix)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(suffix)")
        }
    }

    @Test("A file that is not there is refused where none may be created")
    func missingFile() {
        #expect(throws: SQLiteDatabase.OpenError.self) {
            try SQLiteDatabase(path: "/nonexistent-\(UUID().uuidString)/a.sqlite", creating: false)
        }
    }

    @Test("A row that points nowhere is refused")
    func foreignKeys() async throws {
        let test = try await TestStore()
        let nobody = Make.user("bo", in: Account(id: Account.ID(random: SystemRandomSource()), name: "none"))
        let session = Make.session(nobody)
        await #expect(throws: StoreError.self) { try await test.apply([.insertSession(session)]) }
        #expect(try await test.count("SELECT count(*) FROM portal_session") == 0)
    }

    @Test("A backup made while others write opens on its own and holds the rows; it overwrites nothing")
    func backup() async throws {
        let test = try await TestStore()
        let company = try await test.company()
        let target = test.folder.appendingPathComponent("backup.sqlite").path
        try test.embedded.copy(to: target)
        #expect(throws: SQLiteDatabase.OpenError.self) { try test.embedded.copy(to: target) }
        let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(!FileManager.default.fileExists(atPath: target + "-wal"))

        let copy = try SQLiteDatabase(path: target, creating: false)
        defer { copy.close() }
        #expect(try await copy.migrate() == nil)
        #expect(try await copy.integrityProblem() == nil)
        let store = PortalStore(database: copy, keyRing: test.keyRing)
        #expect(try await store.accounts() == [company.account])
        #expect(try await store.user(login: Make.login(company.admin.login)) == company.admin)
    }

    @Test("What lies beside the name of a backup has no part in it, and a link of the name is not followed")
    func backupBesideOthers() async throws {
        let test = try await TestStore()
        let company = try await test.company()
        let target = test.folder.appendingPathComponent("backup.sqlite").path
        for suffix in ["-wal", "-shm", "-journal"] {
            try Data("planted".utf8).write(to: URL(fileURLWithPath: target + suffix))
        }
        try test.embedded.copy(to: target)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target + "-wal")) == Data("planted".utf8))
        for suffix in ["-wal", "-shm", "-journal"] { try FileManager.default.removeItem(atPath: target + suffix) }
        let copy = try SQLiteDatabase(path: target, creating: false)
        defer { copy.close() }
        #expect(try await PortalStore(database: copy, keyRing: test.keyRing).accounts() == [company.account])

        let link = test.folder.appendingPathComponent("link.sqlite").path
        let elsewhere = test.folder.appendingPathComponent("elsewhere").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: elsewhere)
        #expect(throws: SQLiteDatabase.OpenError.self) { try test.embedded.copy(to: link) }
        #expect(!FileManager.default.fileExists(atPath: elsewhere))
        let left = try FileManager.default.contentsOfDirectory(atPath: test.folder.path).filter {
            $0.contains(".part-")
        }
        #expect(left.isEmpty)
    }

    @Test("An empty file that is there is made its owner's alone, and a link that leads nowhere is refused")
    func emptyFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("countersign-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.sqlite").path
        try #require(
            FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o666])
        )
        let database = try SQLiteDatabase(path: path)
        defer { database.close() }
        _ = try await database.migrate()
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(suffix)")
        }
        let link = folder.appendingPathComponent("b.sqlite").path
        let elsewhere = folder.appendingPathComponent("c.sqlite").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: elsewhere)
        #expect(throws: SQLiteDatabase.OpenError.self) { try SQLiteDatabase(path: link) }
        #expect(!FileManager.default.fileExists(atPath: elsewhere))
    }

    @Test("What was answered is there after a crash: the file and its log as they lay on the disk (INV-8)")
    func crash() async throws {
        let test = try await TestStore()
        let company = try await test.company()
        let user = try await test.add("bo", to: company)
        let authenticator = try Make.authenticator(lastStep: 41)
        try await test.apply([.insertAuthenticator(user.id, authenticator)])
        try await test.apply([.acceptStep(authenticator.id, .init(rawValue: 42), at: TestStore.start)])

        let crashed = test.folder.appendingPathComponent("crashed.sqlite").path
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: test.path + suffix, toPath: crashed + suffix)
        }
        let database = try SQLiteDatabase(path: crashed, creating: false)
        defer { database.close() }
        let reopened = PortalStore(database: database, keyRing: test.keyRing)
        let last = try await database.read {
            try #require(try $0.query("SELECT last_step FROM authenticator", []).first)
        }
        #expect(try last.integer(0) == 42)
        #expect(try await reopened.user(login: Make.login("bo")) == user)
    }
}
