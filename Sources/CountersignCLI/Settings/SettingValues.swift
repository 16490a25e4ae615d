import Configuration
import Foundation
import OutsideText
import Synchronization

/// Everything that can be set; the raw value names it in the file and as an option.
enum SettingKey: String, CaseIterable {
    case database
    case databaseConnections = "database-connections"
    case databasePrepared = "database-prepared"
    case databaseListen = "database-listen"
    case listen
    case publicURL = "public-url"
    case keyFile = "key-file"
    case trustedProxies = "trusted-proxies"
    case metricsListen = "metrics-listen"
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// `COUNTERSIGN_PUBLIC_URL`
    var variable: String { "COUNTERSIGN_" + rawValue.uppercased().replacing("-", with: "_") }
}

/// The settings as texts, the strongest source first: option, environment variable, file.
struct SettingValues: Sendable {
    private let options: [SettingKey: String]
    private let environment: EnvironmentVariablesProvider
    private let file: ConfigurationFile?

    init(options: [SettingKey: String], configPath: String?) throws {
        self.options = options
        environment = EnvironmentVariablesProvider()
        file = try configPath.map { try ConfigurationFile(path: $0) }
    }

    /// As long as the longest list of proxies may be.
    private static let byteLimit = 16 * 1024

    /// Nil where nothing is set; an empty text counts as nothing.
    func text(_ key: SettingKey) throws -> String? {
        guard let text = try found(key) else { return nil }
        guard text.utf8.count <= Self.byteLimit else {
            throw CommandFailure("The setting \(key.rawValue) is longer than \(Self.byteLimit) bytes.")
        }
        guard StreamSafeText.isSafe(text) else {
            throw CommandFailure(
                "The setting \(key.rawValue) has more marks on one letter than any language puts there."
            )
        }
        return text
    }

    private func found(_ key: SettingKey) throws -> String? {
        if let text = options[key] { return text }
        if let text = try environment.environmentValue(forName: key.variable), !text.isEmpty { return text }
        return try file?.text(key)
    }
}

/// The YAML file of `--config`. A key that nobody knows is an error: it is usually a misspelt one.
struct ConfigurationFile: Sendable {
    private static let byteLimit = 1 << 20

    private let path: String
    /// Nil when every line is blank or a comment.
    private let snapshot: YAMLSnapshot?

    init(path: String) throws {
        self.path = path
        // No more than may be there: it may be a device that has no end.
        guard let file = FileHandle(forReadingAtPath: path),
            let bytes = try? file.read(upToCount: Self.byteLimit + 1) ?? Data()
        else { throw CommandFailure("The configuration file \(path) cannot be read.") }
        let malformed = CommandFailure("The configuration file \(path) is not YAML of the form `key: value`.")
        guard bytes.count <= Self.byteLimit, let text = String(validating: bytes, as: UTF8.self),
            StreamSafeText.isSafe(text)
        else {
            throw malformed
        }
        guard !Self.isBlank(text) else {
            snapshot = nil
            return
        }
        let keys = KeyCollector()
        let options = YAMLSnapshot.ParsingOptions(
            // The parser asks about every key whether it is secret, and so tells which keys there are.
            secretsSpecifier: .dynamic { key, _ in
                keys.insert(key)
                return true
            }
        )
        do {
            snapshot = try YAMLSnapshot(data: Array(bytes).span.bytes, providerName: path, parsingOptions: options)
        } catch {
            // The parser's own message quotes the file, and that may hold a password.
            throw malformed
        }
        let unknown = keys.all.subtracting(SettingKey.allCases.map(\.rawValue)).sorted()
        guard unknown.isEmpty else {
            let names = unknown.prefix(8).map { $0.cut(toBytes: 60) }.joined(separator: ", ")
            throw CommandFailure(
                "The configuration file \(path) has a key that does not exist (\(names)); there are "
                    + SettingKey.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
    }

    /// A scalar as it stands; a list as its items with commas between.
    func text(_ key: SettingKey) throws -> String? {
        guard let snapshot else { return nil }
        let absolute = AbsoluteConfigKey([key.rawValue])
        let content =
            (try? snapshot.value(forKey: absolute, type: .string))?.value?.content
            ?? (try? snapshot.value(forKey: absolute, type: .stringArray))?.value?.content
        switch content {
        case .string(let text): return text.isEmpty ? nil : text
        case .stringArray(let items): return items.isEmpty ? nil : items.joined(separator: ",")
        default: return nil
        }
    }

    private static func isBlank(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).allSatisfy { line in
            let first = line.first { !$0.isWhitespace }
            return first == nil || first == "#"
        }
    }
}

/// What the parser tells of the keys while it reads.
private final class KeyCollector: Sendable {
    private let keys = Mutex<Set<String>>([])

    func insert(_ key: String) {
        _ = keys.withLock { $0.insert(key) }
    }

    var all: Set<String> { keys.withLock(\.self) }
}
