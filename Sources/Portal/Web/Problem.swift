import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// RFC 9457 problem details, for programs.
enum Problem {
    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let code: String
        var operation: String?
    }

    /// The document alone.
    static func text(_ status: HTTPResponse.Status, code: String, detail: String, operation: String) -> String {
        let document = Document(
            type: "about:blank",
            title: status.reasonPhrase,
            status: status.code,
            detail: detail,
            code: code,
            operation: operation
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(document)) ?? Data("{}".utf8), as: UTF8.self)
    }

    static func response(_ status: HTTPResponse.Status, code: String, detail: String) -> Response {
        let document = Document(
            type: "about:blank",
            title: status.reasonPhrase,
            status: status.code,
            detail: detail,
            code: code
        )
        return JSONAnswer.response(status, document, type: "application/problem+json")
    }
}

enum JSONAnswer {
    static func response(
        _ status: HTTPResponse.Status,
        _ value: some Encodable,
        type: String = "application/json"
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(value)) ?? Data("{}".utf8)
        return Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data))
        )
    }
}
