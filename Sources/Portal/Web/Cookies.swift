import HTTPTypes
import Hummingbird
import Secrets

/// What a browser sends back.
enum CookieHeader {
    /// The value of a cookie; nothing when it comes twice with different values, since one of them was planted. By bytes:
    /// a mark behind a semicolon makes one character of both, and would hide the semicolon.
    static func value(_ name: String, in headers: [String]) -> String? {
        var found: String?
        for header in headers {
            var rest = header.utf8[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
                let pair = rest[..<end].drop { $0 == UInt8(ascii: " ") }
                rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
                guard pair.starts(with: name.utf8) else { continue }
                let tail = pair.dropFirst(name.utf8.count)
                guard tail.first == UInt8(ascii: "="), let value = String(tail.dropFirst()) else { continue }
                if let found, found != value { return nil }
                found = value
            }
        }
        return found
    }
}

/// The portal's cookies: HttpOnly, SameSite=Lax, this host only; with https also Secure and `__Host-`.
struct PortalCookies: Sendable {
    enum Name: String {
        case attempt = "countersign_attempt"
        case session = "countersign_session"
        case notice = "countersign_notice"
        case browser = "countersign_browser"
    }

    let isHTTPS: Bool

    private func name(_ name: Name) -> String { (isHTTPS ? "__Host-" : "") + name.rawValue }

    func value(_ wanted: Name, in request: Request) -> String? {
        CookieHeader.value(name(wanted), in: request.headers[values: .cookie])
    }

    func browser(in request: Request) -> BrowserCookie { BrowserCookie(value(.browser, in: request)) }

    func token(_ kind: BearerKind, in request: Request) -> BearerToken? {
        let name: Name = kind == .attempt ? .attempt : .session
        return value(name, in: request).flatMap { BearerToken(kind: kind, text: $0) }
    }

    /// A cookie of the browser's session: how long it counts is decided here, not there.
    func set(_ cookie: Name, _ value: String) -> String { "\(name(cookie))=\(value)\(attributes)" }

    /// One that the browser keeps when it is closed.
    func keep(_ cookie: Name, _ value: String, seconds: Int) -> String { "\(set(cookie, value)); Max-Age=\(seconds)" }

    /// What a browser sends that has this one.
    func header(_ cookie: Name, _ value: String) -> String { "\(name(cookie))=\(value)" }

    func clear(_ cookie: Name) -> String { "\(name(cookie))=\(attributes); Max-Age=0" }

    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isHTTPS ? "; Secure" : "") }
}
