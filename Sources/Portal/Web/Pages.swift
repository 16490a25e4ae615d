import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// What a template is filled with.
typealias Fields = [String: Any]

/// The templates and static files, embedded in the binary and parsed once.
package struct Pages: Sendable {
    struct StaticFile: Sendable {
        /// One for all answers, however many are on their way.
        let body: ByteBuffer
        let type: String

        init(_ bytes: [UInt8], type: String) {
            body = ByteBuffer(bytes: bytes)
            self.type = type
        }
    }

    private let library: MustacheLibrary
    let files: [String: StaticFile]
    private let version: String

    package struct TemplateError: Error, CustomStringConvertible {
        package let description: String
    }

    package init() throws {
        var library = MustacheLibrary()
        for (name, bytes) in EmbeddedResources.templates {
            do {
                try library.register(String(decoding: bytes, as: UTF8.self), named: name)
            } catch {
                throw TemplateError(description: "The template \(name) does not parse: \(error)")
            }
        }
        self.library = library
        let style = EmbeddedResources.styles.flatMap(\.self)
        files = [
            "style.css": StaticFile(style, type: "text/css; charset=utf-8"),
            "app.js": StaticFile(EmbeddedResources.script, type: "text/javascript; charset=utf-8"),
            "favicon.svg": StaticFile(EmbeddedResources.favicon, type: "image/svg+xml"),
        ]
        let digest = SHA256.hash(data: style + EmbeddedResources.script)
        version = digest.prefix(6).map { String($0, radix: 16) }.joined()
    }

    /// One template with its fields, or the empty text for a name that does not exist (a test names them all).
    func fill(_ template: String, _ fields: Fields) -> String {
        library.render(fields, withTemplate: template) ?? ""
    }

    func page(
        _ layout: String,
        title: String,
        content template: String,
        _ fields: Fields,
        layoutFields: Fields,
        messages: [PublicMessage],
        operationID: String?,
        staticBase: String = "/static"
    ) -> String {
        var outer = layoutFields
        outer["title"] = title
        outer["cssHref"] = "\(staticBase)/style.css?v=\(version)"
        outer["iconHref"] = "\(staticBase)/favicon.svg"
        outer["jsHref"] = "\(staticBase)/app.js?v=\(version)"
        outer["content"] = fill(template, fields)
        outer["messages"] = messages.map { message in
            var fields = message.fields
            if let operationID, message.isAlert { fields["operationID"] = operationID }
            return fields
        }
        return fill(layout, outer)
    }
}
