import Foundation
import Storage
import Testing

/// What the rules of the store hold on.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite
    case postgres

    var testDescription: String { rawValue }
}

/// An empty database with the newest schema, or with an earlier one.
enum OpenedStore: Sendable {
    case sqlite(SQLiteDatabase)
    case postgres(PostgresDatabase, PostgresSettings)

    struct NoServer: Error, CustomStringConvertible {
        let description = "These tests need PostgreSQL: run them by `make unit` or under `scripts/postgres.sh with`."
    }

    init(_ engine: Engine, in folder: URL, schema: Int = Schema.version) async throws {
        switch engine {
        case .sqlite:
            let database = try SQLiteDatabase(path: folder.appendingPathComponent("test.sqlite").path)
            try await database.write { try Schema.migrate($0, words: .sqlite, upTo: schema) }
            self = .sqlite(database)
        case .postgres:
            await TestServer.seats.take()
            let settings = try await TestServer.emptySchema()
            let database = try await PostgresDatabase.open(settings)
            try await database.write { try Schema.migrate($0, words: .postgres, upTo: schema) }
            self = .postgres(database, settings)
        }
    }

    var database: any Database {
        switch self {
        case .sqlite(let database): database
        case .postgres(let database, _): database
        }
    }

    func migrate() async throws {
        switch self {
        case .sqlite(let database): _ = try await database.migrate()
        case .postgres(let database, _): _ = try await database.migrate()
        }
    }

    func close() {
        switch self {
        case .sqlite(let database): database.close()
        case .postgres(let database, _):
            database.close()
            Task { await TestServer.seats.leave() }
        }
    }
}

/// So many tests at the most use the server at one time.
actor Seats {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// The server that `scripts/postgres.sh with` started for this run; without one the tests fail, and are not skipped.
enum TestServer {
    static let seats = Seats(4)
    private static let patience = 10
    private static let owner = Task {
        var settings = PostgresSettings(address: try address())
        settings.patience = patience
        return try await PostgresDatabase.open(settings)
    }

    static func address() throws -> String {
        guard let address = ProcessInfo.processInfo.environment["COUNTERSIGN_TEST_POSTGRES"] else { throw NoServer() }
        return address
    }

    private typealias NoServer = OpenedStore.NoServer

    /// Settings that see a new schema of their own and nothing else. They wait long: these tests ask what comes out of
    /// fifty writers at once, not how fast, and a machine that runs hundreds of tests beside them is slow. Nobody looks
    /// for deadlocks: the store would try again and hide them, and so whoever makes one waits and fails.
    static func emptySchema(isPrepared: Bool = true) async throws -> PostgresSettings {
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await owner.value.write { connection in
            try connection.execute("CREATE SCHEMA \(name)", [])
            return ()
        }
        var settings = PostgresSettings(
            address: try address() + "?options=-csearch_path%3D\(name)%20-cdeadlock_timeout%3D10min",
            isPrepared: isPrepared,
            connections: 6
        )
        settings.patience = patience
        return settings
    }
}

extension TestStore {
    /// For tests of the embedded database alone.
    var embedded: SQLiteDatabase {
        get throws {
            guard case .sqlite(let database) = opened else { throw OpenedStore.NoServer() }
            return database
        }
    }

    var path: String { get throws { try embedded.path } }
}
