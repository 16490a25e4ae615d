import HTTPTypes
import Hummingbird
import SignIn

/// Tells where a request came from: the connection, or X-Forwarded-For read from the right across trusted proxies.
struct ClientAddress: Sendable {
    let trustedProxies: [AddressRange]

    struct Answer: Sendable {
        let source: RequestSource
        /// An untrusted peer sent forwarding headers: the configuration is probably not finished.
        let isForwardedByStranger: Bool
    }

    func source(of request: Request, peer: IPAddress?) -> Answer {
        let agent = String((request.headers[.userAgent] ?? "").prefix(200))
        guard let peer else {
            let source = RequestSource(address: "", throttleKey: nil, userAgent: agent)
            return Answer(source: source, isForwardedByStranger: false)
        }
        let header = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        let isTrusted = trustedProxies.contains { $0.contains(peer) }
        guard isTrusted else {
            // A proxy on this machine that is not configured yet must not shut the whole company out by its own
            // address.
            let key = peer.isLoopback && !header.isEmpty ? nil : peer.throttleKey
            let source = RequestSource(address: peer.text, throttleKey: key, userAgent: agent)
            return Answer(source: source, isForwardedByStranger: !header.isEmpty)
        }
        var client = peer
        for part in header.joined(separator: ",").split(separator: ",").reversed() {
            guard let address = IPAddress(part.filter { $0 != " " && $0 != "\t" }) else { break }
            client = address
            if !trustedProxies.contains(where: { $0.contains(address) }) { break }
        }
        let source = RequestSource(address: client.text, throttleKey: client.throttleKey, userAgent: agent)
        return Answer(source: source, isForwardedByStranger: false)
    }
}
