import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded

@testable import Portal

extension Request {
    /// A request that no socket has seen.
    static func made(
        _ method: HTTPRequest.Method = .get,
        _ path: String = "/",
        headers: [(String, String)] = [],
        body: String = ""
    ) -> Request {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        let head = HTTPRequest(
            method: method,
            scheme: "http",
            authority: "localhost:8080",
            path: path,
            headerFields: fields
        )
        return Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
    }
}

/// An answer with its body read.
struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: String

    var location: String? { headers[.location] }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    var codes: Set<String> { Set(body.matches(of: /data-code="([^"]+)"/).map { String($0.1) }) }

    /// `name=value` of each cookie that is set to something.
    var cookies: [String] {
        headers[values: .setCookie].map { String($0.prefix { $0 != ";" }) }.filter { !$0.hasSuffix("=") }
    }
}

/// Collects what a response writes.
struct BodyCollector: ResponseBodyWriter {
    final class Storage: @unchecked Sendable {
        // One response writes here, one part after the other.
        var buffer = ByteBuffer()
    }

    let storage = Storage()

    mutating func write(_ buffer: ByteBuffer) async throws { storage.buffer.writeImmutableBuffer(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
