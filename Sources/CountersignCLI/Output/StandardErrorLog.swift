import Foundation
import Logging

/// Writes the log to standard error, one line an event: as text, or as JSON for programs.
///
///     2026-11-02T09:30:00.123Z warning forwarding headers … peer=203.0.113.7
///     {"level":"warning","message":"forwarding headers …","metadata":{"peer":"203.0.113.7"},"time":"2026-…"}
struct StandardErrorLog: LogHandler {
    enum Format: String, CaseIterable {
        case text, json
    }

    let format: Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(format: Format, logLevel: Logger.Level) {
        self.format = format
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let given = event.metadata { fields.merge(given) { $1 } }
        // The text of an error may quote a value; its type does not.
        if let error = event.error { fields["error"] = "\(type(of: error))" }
        let line = LogLine(
            time: Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            level: event.level.rawValue,
            message: event.message.description,
            metadata: fields.mapValues(\.description)
        )
        Terminal.complain(format == .json ? line.json : line.text)
    }
}

/// One event, ready to be written; a value cannot begin a line of its own.
struct LogLine: Encodable {
    let time: String
    let level: String
    let message: String
    let metadata: [String: String]

    var text: String {
        let fields = metadata.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.quoted($0.value))" }
        return ([time, level, Self.escaped(message)] + fields).joined(separator: " ")
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else { return text }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func quoted(_ value: String) -> String {
        let plain = value.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" && !isControl($0) }
        guard !plain || value.isEmpty else { return value }
        return "\"\(escaped(value).replacing("\"", with: "\\\""))\""
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            result += isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }
}
