/// A path on this origin that somebody may be sent to after signing in; anything else is ignored (threats G10).
enum LocalPath {
    private static let maximumBytes = 2_000

    static func checked(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count <= maximumBytes, bytes.first == UInt8(ascii: "/") else { return nil }
        if bytes.count > 1, bytes[1] == UInt8(ascii: "/") || bytes[1] == UInt8(ascii: "\\") { return nil }
        // Visible ASCII without what a browser might read as something else.
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) else { return nil }
        return text
    }

    /// Where to go after signing in: not back into the ceremony.
    static func afterSignIn(_ text: String) -> String {
        guard let path = checked(text), !path.hasPrefix("/sign-in"), !path.hasPrefix("/sign-out") else { return "/" }
        return path
    }

    static func queryValue(_ path: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        return path.utf8.reduce(into: "") { result, byte in
            if unreserved.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" + hex : hex)
            }
        }
    }
}
