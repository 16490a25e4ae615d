import Accounts
import Credentials
import Foundation
import Gateway
import NIOCore
import Portal
import Secrets
import SignIn
import Storage

/// The one place that knows which store is used, and puts the services together.
struct Composition: Sendable {
    let database: OpenDatabase
    let store: PortalStore
    let keyFilePath: String
    /// What the hashing of passwords tells the database.
    let backlog: HashingBacklog
    let random = SystemRandomSource()
    /// What this node remembers for forward-auth; the store tells it what to forget.
    let accessCache: AccessCache

    init(
        database: OpenDatabase,
        keyRing: KeyRing,
        keyFilePath: String,
        backlog: HashingBacklog = HashingBacklog()
    ) {
        self.database = database
        self.backlog = backlog
        store = PortalStore(database: database.engine, keyRing: keyRing)
        self.keyFilePath = keyFilePath
        let accessCache = AccessCache()
        store.endings.observe { accessCache.heard([$0]) }
        self.accessCache = accessCache
    }

    /// With several nodes the time that decides is the database's.
    var clock: any WallClock { database.clock }
    var now: UnixTime { clock.now }

    /// Every command ends with it.
    func close() {
        database.close()
    }

    // MARK: Services

    /// Hashing starts threads, so only commands that hash ask for it.
    func hasher() -> any PasswordHashing { Argon2Pool(backlog: backlog) }

    /// What only a server needs: it hears what other nodes tell, and follows the database's clock.
    func watch() {
        guard case .server(let database) = database else { return }
        let endings = store.endings
        database.watch.start { endings.hear($0) }
    }

    func portalServices() -> PortalServices {
        let (store, database) = (store, database)
        return PortalServices(
            ceremony: Ceremony(store: store, hasher: hasher(), clock: clock, random: random),
            agentStore: store,
            administration: store,
            directory: store,
            gatekeeper: Gatekeeper(
                store: store,
                cache: accessCache,
                clock: clock,
                uptime: { NIODeadline.now().uptimeNanoseconds }
            ),
            waitingPosts: store,
            isReady: {
                do {
                    guard try await store.schemaFits() else { return .wrongSchema }
                    return database.isClockRight ? .ready : .clockOff
                } catch {
                    return .databaseUnavailable
                }
            }
        )
    }
}

/// The embedded database of one node, or the server of several.
enum OpenDatabase: Sendable {
    case embedded(SQLiteDatabase)
    case server(PostgresDatabase)

    var engine: any Database {
        switch self {
        case .embedded(let database): database
        case .server(let database): database
        }
    }

    var clock: any WallClock {
        switch self {
        case .embedded: SystemWallClock()
        case .server(let database): database.clock
        }
    }

    var isClockRight: Bool {
        switch self {
        case .embedded: true
        case .server(let database): database.clock.isRight
        }
    }

    func schemaVersion() async throws -> Int {
        switch self {
        case .embedded(let database): try await database.schemaVersion()
        case .server(let database): try await database.schemaVersion()
        }
    }

    /// The embedded one folds its write-ahead log into the database, so that one file is left behind.
    func close() {
        switch self {
        case .embedded(let database): database.close()
        case .server(let database): database.close()
        }
    }
}
