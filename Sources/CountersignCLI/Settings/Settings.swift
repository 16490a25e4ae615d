import Accounts
import Foundation
import Logging
import OutsideText
import Portal

/// How the server runs.
struct ServerSettings: Sendable {
    let listen: ListenAddress
    let publicURL: PublicURL
    let trustedProxies: [AddressRange]
    /// Where the metrics are served, apart from the portal; nil serves none.
    let metricsListen: ListenAddress?
    let logLevel: Logger.Level
    let logFormat: StandardErrorLog.Format

    init(_ values: SettingValues) throws {
        listen = try ListenAddress(try values.text(.listen) ?? "127.0.0.1:8080", of: .listen)
        guard let publicURL = PublicURL(try values.text(.publicURL) ?? "http://localhost:8080") else {
            throw CommandFailure(
                "The setting public-url must be scheme, host and port alone, as in https://portal.example.com."
            )
        }
        self.publicURL = publicURL
        trustedProxies = try Self.ranges(try values.text(.trustedProxies) ?? "")
        metricsListen = try values.text(.metricsListen).map { try ListenAddress($0, of: .metricsListen) }
        logLevel = try Self.choice(.logLevel, try values.text(.logLevel) ?? "info")
        logFormat = try Self.choice(.logFormat, try values.text(.logFormat) ?? "text")
    }

    var portal: PortalConfiguration {
        PortalConfiguration(publicURL: publicURL, trustedProxies: trustedProxies, isMeasured: metricsListen != nil)
    }

    private static func ranges(_ text: String) throws -> [AddressRange] {
        try text.split(separator: ",").compactMap { part in
            let item = part.trimmingBlanks()
            guard !item.isEmpty else { return nil }
            guard let range = AddressRange(item) else {
                throw CommandFailure(
                    "The setting trusted-proxies has \(item.cut(toBytes: 100)), which is no address and no CIDR."
                )
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

    init(_ text: String, of key: SettingKey) throws {
        let failure = CommandFailure(
            "The setting \(key.rawValue) must be of the form host:port, as in 127.0.0.1:8080."
        )
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
