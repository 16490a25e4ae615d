import Foundation
import Libpq
import Storage

/// Where the data is.
struct DatabaseSettings: Sendable {
    enum Place: Sendable {
        case embedded(path: String)
        case server(PostgresSettings)
    }

    let place: Place
    let keyFilePath: String
    /// Whether the key file stands where it is looked for when nothing is said.
    let keyFileIsBesideDatabase: Bool

    init(_ values: SettingValues) throws {
        let text = try values.text(.database) ?? "sqlite:data/countersign.sqlite"
        let keyFile = try values.text(.keyFile)
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            place = .server(try Self.server(text, values))
            guard let keyFile else {
                throw CommandFailure(
                    "With PostgreSQL the setting key-file is needed: the file must be the same on every node."
                )
            }
            keyFilePath = keyFile
            keyFileIsBesideDatabase = false
            return
        }
        let path = try Self.path(text)
        place = .embedded(path: path)
        keyFilePath = keyFile ?? Self.neighbour(of: path, named: "keys.json")
        keyFileIsBesideDatabase = Self.folder(of: keyFilePath) == Self.folder(of: path)
    }

    var isServer: Bool {
        if case .server = place { true } else { false }
    }

    /// For sentences; an address may hold a password.
    var databaseName: String {
        switch place {
        case .embedded(let path): path
        case .server: "in PostgreSQL"
        }
    }

    /// What to do about a schema of another version.
    func wrongSchema(_ version: Int) -> String {
        "The database has schema \(version), this program needs \(Schema.version); \(schemaAdvice(version))."
    }

    func schemaAdvice(_ version: Int) -> String {
        if version > Schema.version { return "run the newer program" }
        return isServer ? "run `countersign migrate`" : "`countersign serve` or `countersign migrate` migrates it"
    }

    // MARK: Reading

    /// The text is not repeated in a refusal: it may hold a password.
    private static func path(_ text: String) throws -> String {
        guard text.hasPrefix("sqlite:") else {
            throw CommandFailure("The setting database must be of the form sqlite:PATH or postgres://HOST/NAME.")
        }
        let path = String(text.dropFirst("sqlite:".count))
        guard !path.isEmpty, !path.hasSuffix("/"), path != ":memory:" else {
            throw CommandFailure("The setting database must name a file, as in sqlite:data/countersign.sqlite.")
        }
        return path
    }

    private static func server(_ address: String, _ values: SettingValues) throws -> PostgresSettings {
        try check(address, .database)
        let listen = try values.text(.databaseListen)
        if let listen { try check(listen, .databaseListen) }
        let connections = try values.text(.databaseConnections) ?? "8"
        guard let connections = Int(connections), (1...100).contains(connections) else {
            throw CommandFailure("The setting database-connections must be a number from 1 to 100.")
        }
        let isPrepared: Bool
        switch try values.text(.databasePrepared) ?? "on" {
        case "on": isPrepared = true
        case "off": isPrepared = false
        default: throw CommandFailure("The setting database-prepared must be on or off.")
        }
        return PostgresSettings(
            address: address,
            listenAddress: listen,
            isPrepared: isPrepared,
            connections: connections
        )
    }

    private static func check(_ address: String, _ key: SettingKey) throws {
        guard PostgresLink.isInstalled else {
            throw CommandFailure("PostgreSQL's library libpq is not installed (Debian: apt-get install libpq5).")
        }
        guard PostgresLink.accepts(address: address) else {
            throw CommandFailure(
                "The setting \(key.rawValue) is no address that PostgreSQL's library can read, as in "
                    + "postgres://user@host:5432/name?sslmode=verify-full."
            )
        }
    }

    private static func neighbour(of path: String, named name: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL.resolvingSymlinksInPath().path
    }
}
