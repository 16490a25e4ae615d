import NIOHTTP1

/// Why a connection answers a request itself, before the portal sees it; the connection ends with the answer.
enum WireRefusal: Sendable, Equatable {
    /// No HTTP, or a request that could be read in two ways.
    case malformed
    case headersTooLarge
    case unknownExpectation
    case bodyTooSlow

    init(_ error: HTTPParserError) {
        self = error == .headerOverflow ? .headersTooLarge : .malformed
    }

    var status: HTTPResponseStatus {
        switch self {
        case .malformed: .badRequest
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .unknownExpectation: .expectationFailed
        case .bodyTooSlow: .requestTimeout
        }
    }

    var sentence: String {
        switch self {
        case .malformed: "The request is not HTTP, or could be read in two ways."
        case .headersTooLarge:
            "The headers of the request are too long. In a browser, delete the cookies of this site and try again."
        case .unknownExpectation: "The request expects what this server does not do."
        case .bodyTooSlow: "The request came too slowly. Send it again."
        }
    }
}
