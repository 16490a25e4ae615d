import ArgumentParser
import Storage

/// `countersign move`: from the embedded database to PostgreSQL, with everything.
struct Move: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Carries an embedded database over to PostgreSQL.",
        discussion: """
            Stop the server first: what it writes meanwhile stays behind. The source is only read; the target must be \
            empty, and has everything or nothing afterwards. Secrets stay sealed, so that the key file is needed \
            with the new database as well: give every node a copy.
            """
    )

    @Option(help: ArgumentHelp("The embedded database.", valueName: "sqlite:path"))
    var from: String
    @Option(
        help: ArgumentHelp(
            "The database in PostgreSQL (default: COUNTERSIGN_DATABASE, which may hold a password).",
            valueName: "url"
        )
    )
    var to: String?
    @Option(help: ArgumentHelp("The key file of the embedded database.", valueName: "file"))
    var keyFile: String?
    @Option(help: ArgumentHelp("The YAML file with settings.", valueName: "file"))
    var config: String?
    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let tables: [PostgresDatabase.MovedTable]
        let keyFile: String
    }

    func validate() throws {
        if let to, DatabaseOptions.carriesPassword(to) {
            throw ValidationError(
                "--to takes no password, since every user of the machine sees the arguments of a command. Give the "
                    + "address by COUNTERSIGN_DATABASE or by the configuration file, without --to."
            )
        }
    }

    mutating func run() async throws {
        var values: [SettingKey: String] = [.database: from]
        values[.keyFile] = keyFile
        let source = try DatabaseSettings(SettingValues(options: values, configPath: config))
        let target = try targetSettings(keyFile: source.keyFilePath)
        guard !source.isServer, case .server(let server) = target.place else {
            throw CommandFailure("A move goes from sqlite:PATH to postgres://HOST/NAME.")
        }
        let old = try await Composition.forReading(source)
        defer { old.close() }
        guard case .embedded(let embedded) = old.database else { return }
        let tables = try await carry(embedded, to: server)
        // Opens what was carried over with the key file that it has to open with.
        try await Composition.forReading(target).close()
        let rows = tables.reduce(0) { $0 + $1.rows }
        try output.say(
            Result(tables: tables, keyFile: source.keyFilePath),
            text: "\(rows) rows of \(tables.count) tables were carried over and counted; the key file stays "
                + "\(source.keyFilePath)."
        )
    }

    private func targetSettings(keyFile: String) throws -> DatabaseSettings {
        var values: [SettingKey: String] = [.keyFile: keyFile]
        values[.database] = to
        return try DatabaseSettings(SettingValues(options: values, configPath: config))
    }

    private func carry(
        _ embedded: SQLiteDatabase,
        to server: PostgresSettings
    ) async throws -> [PostgresDatabase.MovedTable] {
        let database = try await PostgresDatabase.open(server)
        defer { database.close() }
        _ = try await database.migrate()
        return try await database.takeOver(embedded)
    }
}
