import Accounts
import Foundation
import Logging
import Portal

/// Where the data is.
struct DatabaseSettings: Sendable {
    let path: String
    let keyFilePath: String
    /// Whether the key file stands where it is looked for when nothing is said.
    let keyFileIsBesideDatabase: Bool

    init(_ values: SettingValues) throws {
        path = try Self.path(try values.text(.database) ?? "sqlite:data/countersign.sqlite")
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let keyFilePath = try values.text(.keyFile) ?? Self.neighbour(of: path, named: "keys.json")
        let keyFolder = URL(fileURLWithPath: keyFilePath).deletingLastPathComponent()
        self.keyFilePath = keyFilePath
        keyFileIsBesideDatabase =
            keyFolder.standardizedFileURL.resolvingSymlinksInPath().path
            == folder.standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// The text is not repeated in a refusal: it may hold a password.
    private static func path(_ text: String) throws -> String {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            throw CommandFailure("PostgreSQL is not supported by this version.")
        }
        guard text.hasPrefix("sqlite:") else {
            throw CommandFailure("The setting database must be of the form sqlite:PATH.")
        }
        let path = String(text.dropFirst("sqlite:".count))
        guard !path.isEmpty, !path.hasSuffix("/"), path != ":memory:" else {
            throw CommandFailure("The setting database must name a file, as in sqlite:data/countersign.sqlite.")
        }
        return path
    }

    private static func neighbour(of path: String, named name: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }
}

/// How the server runs.
struct ServerSettings: Sendable {
    let listen: ListenAddress
    let publicURL: PublicURL
    let trustedProxies: [AddressRange]
    let metricsListen: String?
    let logLevel: Logger.Level
    let logFormat: StandardErrorLog.Format

    init(_ values: SettingValues) throws {
        listen = try ListenAddress(try values.text(.listen) ?? "127.0.0.1:8080")
        guard let publicURL = PublicURL(try values.text(.publicURL) ?? "http://localhost:8080") else {
            throw CommandFailure(
                "The setting public-url must be scheme, host and port alone, as in https://portal.example.com."
            )
        }
        self.publicURL = publicURL
        trustedProxies = try Self.ranges(try values.text(.trustedProxies) ?? "")
        metricsListen = try values.text(.metricsListen)
        logLevel = try Self.choice(.logLevel, try values.text(.logLevel) ?? "info")
        logFormat = try Self.choice(.logFormat, try values.text(.logFormat) ?? "text")
    }

    var portal: PortalConfiguration { PortalConfiguration(publicURL: publicURL, trustedProxies: trustedProxies) }

    private static func ranges(_ text: String) throws -> [AddressRange] {
        try text.split(separator: ",").compactMap { part in
            let item = part.trimmingBlanks()
            guard !item.isEmpty else { return nil }
            guard let range = AddressRange(item) else {
                throw CommandFailure("The setting trusted-proxies has \(item), which is no address and no CIDR.")
            }
            return range
        }
    }

    private static func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ key: SettingKey,
        _ text: String
    ) throws -> Value {
        if let value = Value(rawValue: text.lowercased()) { return value }
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure("The setting \(key.rawValue) must be one of \(names).")
    }
}

extension PublicURL {
    /// `localhost`, names under it, and loopback addresses.
    var isLocal: Bool {
        let authority = origin.drop { $0 != "/" }.dropFirst(2)
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" }
            : authority.prefix { $0 != ":" }
        return host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }
}

/// `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:80`; port 0 takes a free one.
struct ListenAddress: Sendable, Equatable {
    let host: String
    let port: Int

    init(_ text: String) throws {
        let failure = CommandFailure("The setting listen must be of the form host:port, as in 127.0.0.1:8080.")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw failure
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw failure
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { throw failure }
        self.host = String(host)
        self.port = Int(port)
    }

    /// As it stands in a URL.
    func text(port: Int) -> String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
}
