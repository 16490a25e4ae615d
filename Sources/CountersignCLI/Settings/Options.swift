import ArgumentParser

/// The settings that every command needs: where the data is.
struct DatabaseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The YAML file with settings.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The database (default: sqlite:data/countersign.sqlite).", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("The key file (default: keys.json beside the database).", valueName: "file"))
    var keyFile: String?

    func validate() throws {
        if let database, Self.carriesPassword(database) {
            throw ValidationError(
                "--database takes no password, since every user of the machine sees the arguments of a command. "
                    + "Give it by COUNTERSIGN_DATABASE or by the configuration file."
            )
        }
    }

    /// A text of its own between the first colon and the last @ of an address, or a `password` parameter.
    static func carriesPassword(_ address: String) -> Bool {
        if address.lowercased().contains("password=") { return true }
        guard let scheme = address.firstRange(of: "://"), let at = address.lastIndex(of: "@"),
            scheme.upperBound < at
        else { return false }
        return address[scheme.upperBound..<at].contains(":")
    }

    var values: [SettingKey: String] {
        [.database: database, .keyFile: keyFile].compactMapValues(\.self)
    }
}

/// The settings of the server, for `serve` and `doctor`.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to listen (default: 127.0.0.1:8080).", valueName: "host:port"))
    var listen: String?

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp("The address that people type (default: http://localhost:8080).", valueName: "url")
    )
    var publicURL: String?

    @Option(
        help: ArgumentHelp(
            "Proxies whose forwarding headers count: addresses or CIDRs with commas between.",
            valueName: "cidrs"
        )
    )
    var trustedProxies: String?

    @Option(help: ArgumentHelp("Where to serve metrics; not served by this version.", valueName: "host:port"))
    var metricsListen: String?

    var values: [SettingKey: String] {
        [.listen: listen, .publicURL: publicURL, .trustedProxies: trustedProxies, .metricsListen: metricsListen]
            .compactMapValues(\.self)
    }
}

/// For commands that answer with a list or a result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false
}
