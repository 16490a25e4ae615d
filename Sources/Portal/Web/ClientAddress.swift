import HTTPTypes
import Hummingbird
import OutsideText
import Secrets
import SignIn

/// Tells where a request came from: the connection, or X-Forwarded-For read from the right across trusted proxies.
struct ClientAddress: Sendable {
    let trustedProxies: [AddressRange]

    struct Answer: Sendable {
        let source: RequestSource
        /// An untrusted peer sent forwarding headers: the configuration is probably not finished.
        let isForwardedByStranger: Bool
    }

    /// - Parameter browsers: what the browser is known by.
    func source(of request: Request, peer: IPAddress?, browsers: [TokenDigest] = []) -> Answer {
        let agent = (request.headers[.userAgent] ?? "").cut(toBytes: 200)
        guard let peer else {
            let source = RequestSource(address: "", throttleKey: nil, userAgent: agent, browsers: browsers)
            return Answer(source: source, isForwardedByStranger: false)
        }
        let header = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        let isTrusted = trustedProxies.contains { $0.contains(peer) }
        guard isTrusted else {
            // A proxy on this machine that is not configured yet must not shut the whole company out by its own
            // address.
            let key = peer.isLoopback && !header.isEmpty ? nil : peer.throttleKey
            let source = RequestSource(address: peer.text, throttleKey: key, userAgent: agent, browsers: browsers)
            return Answer(source: source, isForwardedByStranger: !header.isEmpty)
        }
        var client = peer
        for part in header.joined(separator: ",").split(separator: ",").reversed() {
            guard let address = Self.address(part.filter { $0 != " " && $0 != "\t" }) else { break }
            client = address
            if !trustedProxies.contains(where: { $0.contains(address) }) { break }
        }
        let source = RequestSource(
            address: client.text,
            throttleKey: client.throttleKey,
            userAgent: agent,
            browsers: browsers
        )
        return Answer(source: source, isForwardedByStranger: false)
    }

    /// Some proxies add the client's port: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
    static func address(_ text: Substring) -> IPAddress? {
        if let plain = IPAddress(text) { return plain }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") { return IPAddress(text.dropFirst()[..<end]) }
        let parts = text.split(separator: ":")
        return parts.count == 2 && Int(parts[1]) != nil ? IPAddress(parts[0]) : nil
    }
}
