import Gateway
import HTTPTypes
import NIOHTTP1
import Secrets

/// What forward-auth reads in the headers of a proxy's question, in one pass over them.
///
/// Identity headers that come in are not read at all: they may be the client's own (threats G01).
struct ForwardAuthCall: Sendable {
    var fields = ForwardedFields()
    var kind = RequestKind()
    var forwardedFor: [String] = []
    private var cookies: [String] = []
    private var authorization: [String] = []

    init(_ headers: HTTPFields) {
        for field in headers where Self.mayMatter(field.name.canonicalName) {
            read(field.name.canonicalName, field.value)
        }
    }

    /// The same from the headers as they came.
    init(_ headers: HTTPHeaders) {
        for (name, value) in headers where Self.mayMatter(name) {
            // What surrounds a value, and what no value may hold, is taken off as for every other request.
            read(
                name.lowercased(),
                HTTPField.isValidValue(value) ? value : HTTPField(name: .cookie, value: value).value
            )
        }
    }

    /// By the length first: most headers of a browser are none of these.
    private static func mayMatter(_ name: String) -> Bool { lengths[min(name.utf8.count, 31)] }

    private static let lengths: [Bool] = (0..<32).map { [6, 7, 10, 12, 13, 14, 15, 16, 17, 18].contains($0) }

    private mutating func read(_ name: String, _ value: String) {
        switch name {
        case "cookie": cookies.append(value)
        case "x-forwarded-for": forwardedFor.append(value)
        case "countersign-origin": take(value, \.pinnedOrigin)
        case "x-original-url": take(value, \.originalURL)
        case "x-original-method": take(value, \.originalMethod)
        case "x-forwarded-proto": take(value, \.proto)
        case "x-forwarded-host": take(value, \.host)
        case "x-forwarded-uri": take(value, \.uri)
        case "x-forwarded-method": take(value, \.method)
        case "authorization": authorization.append(value)
        case "sec-fetch-mode": kind.fetchMode = value
        case "accept": kind.accept = kind.accept.map { "\($0),\(value)" } ?? value
        case "upgrade": kind.upgrade = value
        case "x-requested-with": kind.requestedWith = value
        case "content-type": kind.contentType = value
        default: break
        }
    }

    private mutating func take(_ value: String, _ part: WritableKeyPath<ForwardedFields, String?>) {
        if fields[keyPath: part] != nil { fields.hasDuplicates = true }
        fields[keyPath: part] = value
    }

    func cookie(isHTTPS: Bool) -> String? {
        CookieHeader.value(ApplicationCookies(isHTTPS: isHTTPS).sessionName, in: cookies)
    }

    /// A bearer token, or the password of HTTP Basic, where it claims to be a token of ours. What an application's own
    /// programs send for itself is left to it.
    var token: String? {
        guard authorization.count == 1, let space = authorization[0].firstIndex(of: " ") else { return nil }
        let scheme = authorization[0][..<space].lowercased()
        let value = authorization[0][space...].drop { $0 == " " }
        switch scheme {
        case "bearer": return Self.claimed(String(value))
        case "basic":
            let unpadded = value.utf8.prefix { $0 != UInt8(ascii: "=") }
            guard let bytes = Base64.standard.decode(unpadded), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
            else {
                return nil
            }
            return Self.claimed(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        default: return nil
        }
    }

    private static func claimed(_ text: String) -> String? { text.hasPrefix(BearerKind.apiToken.prefix) ? text : nil }
}

/// The cookies on an application's own host: like the portal's, by the application's own scheme.
struct ApplicationCookies: Sendable {
    let isHTTPS: Bool

    var sessionName: String { isHTTPS ? "__Host-countersign_app" : "countersign_app" }
    var nonceName: String { isHTTPS ? "__Host-countersign_nonce" : "countersign_nonce" }

    func value(_ name: String, in headers: HTTPFields) -> String? {
        CookieHeader.value(name, in: headers[values: .cookie])
    }

    func set(_ name: String, _ value: String, seconds: Int? = nil) -> String {
        "\(name)=\(value)\(attributes)" + (seconds.map { "; Max-Age=\($0)" } ?? "")
    }

    func clear(_ name: String) -> String { set(name, "", seconds: 0) }

    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isHTTPS ? "; Secure" : "") }
}
