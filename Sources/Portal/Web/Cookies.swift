import HTTPTypes
import Hummingbird
import Secrets

/// The portal's cookies: HttpOnly, SameSite=Lax, this host only; with https also Secure and `__Host-`.
struct PortalCookies: Sendable {
    enum Name: String {
        case attempt = "countersign_attempt"
        case session = "countersign_session"
        case notice = "countersign_notice"
    }

    let isHTTPS: Bool

    private func name(_ name: Name) -> String { (isHTTPS ? "__Host-" : "") + name.rawValue }

    /// The value of a cookie; nothing when it comes twice with different values, since one of them was planted.
    func value(_ wanted: Name, in request: Request) -> String? {
        let name = name(wanted)
        var found: String?
        for header in request.headers[values: .cookie] {
            for part in header.split(separator: ";") {
                let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, pair[0] == name else { continue }
                if let found, found != pair[1] { return nil }
                found = String(pair[1])
            }
        }
        return found
    }

    func token(_ kind: BearerKind, in request: Request) -> BearerToken? {
        let name: Name = kind == .attempt ? .attempt : .session
        return value(name, in: request).flatMap { BearerToken(kind: kind, text: $0) }
    }

    /// A cookie of the browser's session: how long it counts is decided here, not there.
    func set(_ cookie: Name, _ value: String) -> String { "\(name(cookie))=\(value)\(attributes)" }

    func clear(_ cookie: Name) -> String { "\(name(cookie))=\(attributes); Max-Age=0" }

    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isHTTPS ? "; Secure" : "") }
}
