import Credentials
import Foundation
import Secrets
import Storage

/// Opens the database with its key ring, and refuses what does not fit together.
extension Composition {
    /// For commands that write. An embedded database is made with its key file when it is new, and migrated; a server's
    /// is neither, since other nodes use it.
    static func forWriting(_ settings: DatabaseSettings) async throws -> Composition {
        switch settings.place {
        case .embedded: return try await migrated(settings).composition
        case .server: return try await ready(settings)
        }
    }

    /// For commands that only read: makes nothing and changes nothing.
    static func forReading(_ settings: DatabaseSettings) async throws -> Composition {
        if case .embedded(let path) = settings.place, !holdsData(path) {
            throw CommandFailure("There is no database at \(path) yet.")
        }
        return try await ready(settings)
    }

    /// Brings the schema up to date; makes database and key file when both are new.
    /// - Returns: also the version that was found, nil when the engine makes the database itself.
    static func migrated(_ settings: DatabaseSettings) async throws -> (composition: Composition, from: Int?) {
        switch settings.place {
        case .embedded(let path): return (try await migrated(path, settings), nil)
        case .server(let server): return try await migrated(server, settings)
        }
    }

    private static func migrated(_ path: String, _ settings: DatabaseSettings) async throws -> Composition {
        let keyFile = try keyFile(settings, isNew: !holdsData(path))
        let backlog = HashingBacklog()
        let database = try SQLiteDatabase(path: path, backlog: backlog)
        if let saved = try await database.migrate() {
            Terminal.complain("The database has a new schema; a copy of the old one is kept as \(saved).")
        }
        return try await sealed(.embedded(database), keyFile, settings, backlog)
    }

    private static func migrated(
        _ server: PostgresSettings,
        _ settings: DatabaseSettings
    ) async throws -> (composition: Composition, from: Int?) {
        let database = try await PostgresDatabase.open(server)
        let version = try await database.schemaVersion()
        let keyFile = try keyFile(settings, isNew: version == 0)
        _ = try await database.migrate()
        return (try await sealed(.server(database), keyFile, settings, HashingBacklog()), version)
    }

    private static func sealed(
        _ database: OpenDatabase,
        _ keyFile: KeyFile,
        _ settings: DatabaseSettings,
        _ backlog: HashingBacklog
    ) async throws -> Composition {
        let composition = Composition(
            database: database,
            keyRing: keyFile.ring,
            keyFilePath: settings.keyFilePath,
            backlog: backlog
        )
        // Before and after: of two who make a new database at once with a key file each, one has the wrong one.
        try await composition.checkSeals(settings)
        try await composition.store.plantSealCheck()
        try await composition.checkSeals(settings)
        return composition
    }

    /// A database that fits this program and its key file, or a sentence that says what to do.
    private static func ready(_ settings: DatabaseSettings) async throws -> Composition {
        let keyFile = try load(settings)
        let database = try await open(settings)
        let version = try await database.schemaVersion()
        guard version == Schema.version else { throw CommandFailure(settings.wrongSchema(version)) }
        let composition = Composition(database: database, keyRing: keyFile.ring, keyFilePath: settings.keyFilePath)
        try await composition.checkSeals(settings)
        return composition
    }

    private static func open(_ settings: DatabaseSettings) async throws -> OpenDatabase {
        switch settings.place {
        case .embedded(let path): return .embedded(try SQLiteDatabase(path: path, creating: false))
        case .server(let server): return .server(try await PostgresDatabase.open(server))
        }
    }

    private static func load(_ settings: DatabaseSettings) throws -> KeyFile {
        guard settings.isServer else { return try KeyFile.load(settings.keyFilePath) }
        if let found = try existing(settings.keyFilePath) { return found }
        throw CommandFailure(
            "The key file \(settings.keyFilePath) does not exist. `countersign migrate` makes it for a new database; "
                + "every further node needs a copy of it."
        )
    }

    private func checkSeals(_ settings: DatabaseSettings) async throws {
        if let problem = Self.sentence(try await store.checkSeals(), settings) { throw CommandFailure(problem) }
    }

    /// Why the key ring does not fit, or nothing.
    static func sentence(_ problem: PortalStore.SealProblem, _ settings: DatabaseSettings) -> String? {
        switch problem {
        case .none:
            nil
        case .wrongKeyFile:
            "The key file \(settings.keyFilePath) belongs to another database than \(settings.databaseName)."
        case .unreadable(let count):
            "The key file \(settings.keyFilePath) does not open \(count) of the secrets in \(settings.databaseName)."
        }
    }

    // MARK: Files

    /// Whether there is something to lose at that path.
    static func holdsData(_ path: String) -> Bool {
        [path, path + "-wal"].contains { path in
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            return (size?.intValue ?? 0) > 0
        }
    }

    private static func keyFile(_ settings: DatabaseSettings, isNew: Bool) throws -> KeyFile {
        let path = settings.keyFilePath
        if let found = try existing(path) { return found }
        guard isNew else {
            // A new ring beside an old database would open none of its secrets. Another command may just have made both.
            if let found = try existing(path) { return found }
            throw CommandFailure(
                "The key file \(path) does not exist, but the database \(settings.databaseName) does; "
                    + "put its key file back."
            )
        }
        if case .embedded(let database) = settings.place { try makeFolder(of: database) }
        do {
            try KeyFile(random: SystemRandomSource(), now: SystemWallClock().now).create(path)
        } catch KeyFileError.alreadyExists {
            // Another command was faster; its ring counts.
        }
        return try KeyFile.load(path)
    }

    private static func existing(_ path: String) throws -> KeyFile? {
        do {
            return try KeyFile.load(path)
        } catch KeyFileError.notFound {
            return nil
        }
    }

    private static func makeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFailure("The folder \(folder.path) for the database cannot be made.")
        }
    }
}
