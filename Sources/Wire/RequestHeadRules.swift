import NIOHTTP1
import OutsideText

/// What a connection has to know of a request until it is answered.
struct RequestTraits: Sendable, Equatable {
    /// How long its head is, near enough.
    var bytes = 0
    /// Its answer has no body (RFC 9110 9.3.2).
    var isHead = false
    /// HTTP/1.0, whose answer ends with the connection.
    var isOld = false
    /// No other request is read behind it.
    var isLast = false
    var hasBody = false
    /// The client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    var expectsContinue = false
}

/// What is asked of the head of a request before anything else sees it (RFC 9112).
enum RequestHeadRules {
    enum Verdict: Equatable {
        case accepted(RequestTraits)
        case refused(WireRefusal)

        /// The length of the head; of one that is refused nothing is kept.
        var bytes: Int {
            switch self {
            case .accepted(let traits): traits.bytes
            case .refused: 0
            }
        }
    }

    /// - Parameter maximumBody: bytes; a longer body is not asked for, since it will be refused.
    static func judge(_ head: HTTPRequestHead, maximumBody: Int) -> Verdict {
        let isOld = head.version.minor == 0
        guard head.version.major == 1, hasOneHost(head.headers, isOptional: isOld), isPlainText(head) else {
            return .refused(.malformed)
        }
        let (codings, length) = (head.headers["transfer-encoding"], contentLength(head.headers))
        // Two who read another one would disagree about where it ends, or what it says (RFC 9112 6.1).
        let isChunked = !codings.isEmpty
        guard !isChunked || codings.count == 1 && codings[0].lowercased() == "chunked" && !isOld && length == nil else {
            return .refused(.malformed)
        }
        var traits = RequestTraits(bytes: bytes(head), isHead: head.method == .HEAD, isOld: isOld)
        traits.hasBody = isChunked || length ?? 0 > 0
        // Behind a request for another protocol the decoder reads no other one.
        traits.isLast =
            isOld || !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "upgrade")
        let expectations = head.headers[canonicalForm: "expect"]
        if !expectations.isEmpty, !isOld {
            guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
                return .refused(.unknownExpectation)
            }
            traits.expectsContinue = traits.hasBody && length ?? 0 <= maximumBody
        }
        return .accepted(traits)
    }

    private static let foreignToHosts = Array(",/\\@?#".utf8)

    /// RFC 9112 3.2: one Host, and a name that nobody reads as two.
    private static func hasOneHost(_ headers: HTTPHeaders, isOptional: Bool) -> Bool {
        let hosts = headers["host"]
        guard let host = hosts.first else { return isOptional }
        return hosts.count == 1 && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !foreignToHosts.contains($0) }
    }

    private static func isPlainText(_ head: HTTPRequestHead) -> Bool {
        StreamSafeText.isSafe(head.uri) && head.headers.allSatisfy { StreamSafeText.isSafe($0.value) }
    }

    private static func bytes(_ head: HTTPRequestHead) -> Int {
        head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    /// The parser has refused what is no number.
    private static func contentLength(_ headers: HTTPHeaders) -> Int? {
        headers.first(name: "content-length").map { Int($0) ?? .max }
    }
}
