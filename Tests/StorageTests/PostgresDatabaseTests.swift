import Accounts
import Foundation
import Secrets
import SignIn
import Storage
import Synchronization
import Testing

@Suite("PostgreSQL", .serialized, .timeLimit(.minutes(2)))
struct PostgresDatabaseTests {
    /// A database and what it takes to open it once more, as another node would.
    private func two(isPrepared: Bool = true) async throws -> (PostgresDatabase, PostgresDatabase) {
        let settings = try await TestServer.emptySchema(isPrepared: isPrepared)
        let first = try await PostgresDatabase.open(settings)
        _ = try await first.migrate()
        return (first, try await PostgresDatabase.open(settings))
    }

    @Test("An empty database has schema 0; migrating makes the newest, and migrating again changes nothing")
    func migration() async throws {
        let database = try await PostgresDatabase.open(try await TestServer.emptySchema())
        defer { database.close() }
        #expect(try await database.schemaVersion() == 0)
        #expect(try await database.migrate() == 0)
        #expect(try await database.schemaVersion() == Schema.version)
        #expect(try await database.migrate() == Schema.version)
    }

    @Test("Of many who migrate at once one does it, and the others find it done (K14)")
    func concurrentMigration() async throws {
        let settings = try await TestServer.emptySchema()
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let database = try await PostgresDatabase.open(settings)
                    defer { database.close() }
                    return try await database.migrate()
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.sorted() == [0] + Array(repeating: Schema.version, count: 5))
    }

    @Test("A database of a newer program is refused, not touched")
    func newerSchema() async throws {
        let (database, other) = try await two()
        defer {
            database.close()
            other.close()
        }
        try await database.write { connection in
            try connection.execute("INSERT INTO schema_version (version) VALUES ($1)", [Schema.version + 1])
            return ()
        }
        await #expect(throws: PostgresDatabase.OpenError.self) { try await other.migrate() }
        #expect(try await other.schemaVersion() == Schema.version + 1)
    }

    @Test("Values come back as they went in, prepared or not", arguments: [true, false])
    func values(isPrepared: Bool) async throws {
        let (database, other) = try await two(isPrepared: isPrepared)
        defer {
            database.close()
            other.close()
        }
        let texts = ["", "ä'\";--", String(repeating: "x", count: 20_000)]
        let blobs: [[UInt8]] = [[], [0, 1, 255], Array(repeating: 7, count: 20_000)]
        let integers: [Int64] = [0, -1, .min, .max]
        try await database.write { connection in
            try connection.execute("CREATE TABLE thing (t TEXT, b BYTEA, i BIGINT)", [])
            for (text, blob) in zip(texts, blobs) {
                for integer in integers {
                    try connection.execute("INSERT INTO thing (t, b, i) VALUES ($1, $2, $3)", [text, blob, integer])
                }
            }
            // A null first and a value afterwards in the same place, and the other way round.
            let null = SQLValue.null
            try connection.execute("INSERT INTO thing (t, b, i) VALUES ($1, $2, $3)", [null, null, null])
        }
        for (text, blob) in zip(texts, blobs) {
            for integer in integers {
                let rows = try await other.read { connection in
                    try connection.query(
                        "SELECT t, b, i, i IS NULL FROM thing WHERE t = $1 AND b = $2 AND i = $3",
                        [text, blob, integer]
                    )
                }
                let row = try #require(rows.first)
                #expect(rows.count == 1)
                #expect(try row.text(0) == text)
                #expect(try row.blob(1) == blob)
                #expect(try row.integer(2) == integer)
                #expect(try !row.bool(3))
            }
        }
        let empty = try await other.read { try $0.query("SELECT t, b, i, true FROM thing WHERE t IS NULL", []) }
        let row = try #require(empty.first)
        #expect(row.isNull(0) && row.isNull(1) && row.isNull(2))
        #expect(try row.bool(3))
    }

    @Test(
        "A write that fails leaves nothing, and its connection is as good as before (INV-8)",
        arguments: [true, false]
    )
    func rollback(isPrepared: Bool) async throws {
        let (database, other) = try await two(isPrepared: isPrepared)
        defer {
            database.close()
            other.close()
        }
        try await database.write { connection in
            try connection.execute("CREATE TABLE line (number BIGINT PRIMARY KEY)", [])
            return ()
        }
        for number in 0..<20 {
            await #expect(throws: StoreError.conflict) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO line (number) VALUES ($1)", [number])
                    throw StoreError.conflict
                }
            }
            await #expect(throws: StoreError.duplicate("line.number")) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO line (number) VALUES ($1)", [1_000])
                    try connection.execute("INSERT INTO line (number) VALUES ($1)", [1_000])
                    return ()
                }
            }
            // An error that the closure swallows does not commit half of it.
            await #expect(throws: StoreError.self) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO line (number) VALUES ($1)", [2_000])
                    _ = try? connection.query("SELECT nothing FROM line", [])
                }
            }
        }
        #expect(try await other.read { try $0.query("SELECT number FROM line", []) }.isEmpty)
    }

    @Test("Whoever holds a name is alone with it; others wait and see what was committed")
    func turns() async throws {
        let (first, second) = try await two()
        defer {
            first.close()
            second.close()
        }
        try await first.write { connection in
            try connection.execute("CREATE TABLE counter (n BIGINT NOT NULL)", [])
            try connection.execute("INSERT INTO counter (n) VALUES (0)", [])
            return ()
        }
        // Read, think, write: without turns most of these would be lost.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    try await (number % 2 == 0 ? first : second).write { connection in
                        try connection.hold(["counter"])
                        let row = try #require(try connection.query("SELECT n FROM counter", []).first)
                        try connection.execute("UPDATE counter SET n = $1", [try row.integer(0) + 1])
                        return ()
                    }
                }
            }
            try await group.waitForAll()
        }
        let row = try await second.read { try #require(try $0.query("SELECT n FROM counter", []).first) }
        #expect(try row.integer(0) == 60)
    }

    @Test("What one node ends is heard by the other one, and by the first as well (INV-5)")
    func announcements() async throws {
        let (first, second) = try await two()
        defer {
            first.close()
            second.close()
        }
        let heard = Mutex<[String]>([])
        second.watch.start { text in
            if let text { heard.withLock { $0.append(text) } }
        }
        // Until it listens it says that all may be over; then one announcement is enough.
        for number in 0..<100 where !heard.withLock({ $0.contains("person") }) {
            try await first.write { try $0.announce("person") }
            try await Task.sleep(for: .milliseconds(number < 5 ? 10 : 50))
        }
        #expect(heard.withLock { $0.contains("person") })
    }

    @Test("A server that cannot be reached is told in a sentence without the password")
    func unreachable() async throws {
        let settings = PostgresSettings(address: "postgres://ana:quiet-lantern@127.0.0.1:1/none")
        let error = await #expect(throws: PostgresDatabase.OpenError.self) { try await PostgresDatabase.open(settings) }
        let sentence = try #require(error?.description)
        #expect(sentence.contains("127.0.0.1"))
        #expect(!sentence.contains("quiet-lantern"))
    }

    @Test("More writers than connections wait for each other and all get through")
    func crowd() async throws {
        let (first, second) = try await two()
        defer {
            first.close()
            second.close()
        }
        let answers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let rows = try await (number % 2 == 0 ? first : second).read { try $0.query("SELECT $1", [number]) }
                    return try #require(rows.first).integer(0)
                }
            }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(answers.count == 300)
    }
}
