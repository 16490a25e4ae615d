import Credentials
import HTTPTypes
import Hummingbird
import NIOCore
import OutsideText

/// The fields of an `application/x-www-form-urlencoded` body or of a query.
struct Form: Sendable {
    static let maximumBytes = 64 * 1024
    private static let maximumFields = 200

    private var fields: [String: [String]] = [:]
    /// As it was sent.
    let bytes: [UInt8]

    static let empty = Form()

    private init() { bytes = [] }

    /// Nil for what is no form: broken percent signs, broken UTF-8, NUL, too many marks on a letter, too many fields.
    init?(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        let parts = self.bytes.split(separator: UInt8(ascii: "&"))
        guard parts.count <= Self.maximumFields else { return nil }
        for part in parts {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0]), let value = pair.count == 2 ? Self.decode(pair[1]) : "" else {
                return nil
            }
            fields[name, default: []].append(value)
        }
    }

    /// Reads the body of a form post.
    static func read(_ call: Call) async throws -> Form {
        let body = try await call.body(upTo: maximumBytes)
        if body.readableBytes == 0 { return .empty }
        let type = (call.request.headers[.contentType] ?? "").lowercased().prefix { $0 != ";" }
        guard type == "application/x-www-form-urlencoded", let form = Form(body.readableBytesView) else {
            throw PageError.formRefused
        }
        return form
    }

    /// The last value of a field (a switch is preceded by a hidden one), or nothing; NFC, so that a text typed on
    /// another device is the same text.
    subscript(_ name: String) -> String {
        fields[name]?.last.map(NormalizedText.nfc) ?? ""
    }

    /// The value of a field that may come once; nothing when it comes twice, since then nobody can say which one the
    /// person meant (threats B07).
    func one(_ name: String) -> String { (fields[name]?.count ?? 0) > 1 ? "" : self[name] }

    func all(_ name: String) -> [String] { (fields[name] ?? []).map(NormalizedText.nfc) }

    func has(_ name: String) -> Bool { fields[name] != nil }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = hex(bytes[index + 1]), let low = hex(bytes[index + 2])
                else { return nil }
                result.append(high << 4 | low)
                index += 2
            default: result.append(bytes[index])
            }
            index += 1
        }
        guard !result.contains(0), let text = String(validating: result, as: UTF8.self), StreamSafeText.isSafe(text)
        else { return nil }
        return text
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
