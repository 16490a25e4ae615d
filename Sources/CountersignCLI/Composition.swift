import Accounts
import Credentials
import Foundation
import Portal
import Secrets
import SignIn
import Storage

/// The one place that knows which store is used: opens it with its key ring, and puts the services together.
struct Composition: Sendable {
    let database: SQLiteDatabase
    let store: PortalStore
    let keyFilePath: String
    let clock: any WallClock = SystemWallClock()
    let random = SystemRandomSource()

    var now: UnixTime { clock.now }

    /// Every command ends with it: it folds the write-ahead log into the database, so that one file is left behind.
    func close() {
        database.close()
    }

    // MARK: Opening

    /// For commands that write: makes the database and its key file when they are new, and migrates.
    static func forWriting(_ settings: DatabaseSettings) async throws -> Composition {
        let keyFile = try keyFile(for: settings)
        let database = try SQLiteDatabase(path: settings.path)
        if let saved = try await database.migrate() {
            Terminal.complain("The database has a new schema; a copy of the old one is kept as \(saved).")
        }
        let store = PortalStore(database: database, keyRing: keyFile.ring)
        try await checkSeals(store, settings)
        try await store.plantSealCheck()
        return Composition(database: database, store: store, keyFilePath: settings.keyFilePath)
    }

    /// For commands that only read: makes nothing and changes nothing.
    static func forReading(_ settings: DatabaseSettings) async throws -> Composition {
        guard holdsData(settings.path) else {
            throw CommandFailure("There is no database at \(settings.path) yet.")
        }
        let keyFile = try KeyFile.load(settings.keyFilePath)
        let database = try SQLiteDatabase(path: settings.path, creating: false)
        let version = try await database.schemaVersion()
        guard version == Schema.version else {
            throw CommandFailure(
                "The database has schema \(version), this program needs \(Schema.version); "
                    + (version < Schema.version ? "`countersign serve` migrates it." : "run the newer program.")
            )
        }
        let store = PortalStore(database: database, keyRing: keyFile.ring)
        try await checkSeals(store, settings)
        return Composition(database: database, store: store, keyFilePath: settings.keyFilePath)
    }

    /// Whether there is something to lose at that path.
    static func holdsData(_ path: String) -> Bool {
        [path, path + "-wal"].contains { path in
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            return (size?.intValue ?? 0) > 0
        }
    }

    private static func keyFile(for settings: DatabaseSettings) throws -> KeyFile {
        do {
            return try KeyFile.load(settings.keyFilePath)
        } catch KeyFileError.notFound {
            // A new ring beside an old database would open none of its secrets.
            guard !holdsData(settings.path) else {
                // Another command may just have made both.
                if let keyFile = try? KeyFile.load(settings.keyFilePath) { return keyFile }
                throw CommandFailure(
                    "The key file \(settings.keyFilePath) does not exist, but the database \(settings.path) does; "
                        + "put its key file back."
                )
            }
        }
        try makeFolder(of: settings.path)
        do {
            try KeyFile(random: SystemRandomSource(), now: SystemWallClock().now).create(settings.keyFilePath)
        } catch KeyFileError.alreadyExists {
            // Another command was faster; its ring counts.
        }
        return try KeyFile.load(settings.keyFilePath)
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

    private static func checkSeals(_ store: PortalStore, _ settings: DatabaseSettings) async throws {
        if let problem = sentence(try await store.checkSeals(), settings) { throw CommandFailure(problem) }
    }

    /// Why the key ring does not fit, or nothing.
    static func sentence(_ problem: PortalStore.SealProblem, _ settings: DatabaseSettings) -> String? {
        switch problem {
        case .none:
            nil
        case .wrongKeyFile:
            "The key file \(settings.keyFilePath) belongs to another database than \(settings.path)."
        case .unreadable(let count):
            "The key file \(settings.keyFilePath) does not open \(count) of the secrets in \(settings.path)."
        }
    }

    // MARK: Services

    /// Hashing starts threads, so only commands that hash ask for it.
    func hasher() -> any PasswordHashing { Argon2Pool() }

    func portalServices() -> PortalServices {
        let store = store
        return PortalServices(
            ceremony: Ceremony(store: store, hasher: hasher(), clock: clock, random: random),
            agentStore: store,
            administration: store,
            directory: store,
            isReady: {
                do {
                    return try await store.schemaFits() ? .ready : .wrongSchema
                } catch {
                    return .databaseUnavailable
                }
            }
        )
    }
}
