import Foundation
import Mustache
import NIOCore
import Testing

@testable import Portal

@Suite("Templates")
struct TemplateTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Portal/Resources")

    private static let registered = EmbeddedResources.templates.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }

    @Test("Every template in the folder is registered under its name, once and as it is there")
    func registration() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".mustache") }
        let names = Self.registered.map(\.0)
        #expect(Set(names).count == names.count)
        #expect(Set(names) == Set(files.map { String($0.dropLast(".mustache".count)) }))
        for (name, text) in Self.registered {
            let file = Self.folder.appendingPathComponent("\(name).mustache")
            #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name)")
        }
    }

    @Test("Every other file of the folder is served")
    func staticFiles() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { !$0.hasSuffix(".mustache") }
        let served = try Pages().files
        for name in files {
            let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(name)))
            // All stylesheets are served as one.
            let file = try #require(served[name.hasSuffix(".css") ? "style.css" : name], "\(name)")
            #expect(Data(file.body.readableBytesView).range(of: Data(bytes)) != nil, "\(name)")
        }
    }

    @Test("Every template parses, and every part that one names exists", arguments: registered.map(\.0))
    func parts(name: String) throws {
        let text = try #require(Self.registered.first { $0.0 == name }).1
        _ = try MustacheTemplate(string: text)
        let names = Set(Self.registered.map(\.0))
        for part in text.matches(of: /\{\{\s*>\s*([^\s}]+)\s*\}\}/) {
            #expect(names.contains(String(part.1)), "\(part.1)")
        }
    }

    @Test(
        "No page asks another site for anything, and none has an inline style or script",
        arguments: registered.map(\.0)
    )
    func contentSecurity(name: String) throws {
        let text = try #require(Self.registered.first { $0.0 == name }).1.lowercased()
        #expect(!text.contains(/(src|href|action)\s*=\s*["']?(https?:)?\/\//))
        #expect(!text.contains(/\sstyle\s*=/))
        #expect(!text.contains(/<style|<script(?![^>]*\ssrc=)/))
        #expect(!text.contains(/\son[a-z]+\s*=/))
    }

    @Test("Only a layout's content and a drawing of ours go out without escaping")
    func unescaped() {
        let allowed: Set = ["content", "qrSVG"]
        for (name, text) in Self.registered {
            for part in text.matches(of: /\{\{\{\s*([^}\s]+)\s*\}\}\}|\{\{&\s*([^}\s]+)\s*\}\}/) {
                let field = String(part.1 ?? part.2 ?? "")
                #expect(allowed.contains(field), "\(field) in \(name)")
            }
        }
    }

    @Test("What people typed is escaped, in a text and in an attribute")
    func escaping() throws {
        let text = try Pages().fill("sign_in", ["login": "\"><script>alert(1)</script>&'", "returnTo": "/\"x"])
        #expect(!text.contains("<script>"))
        #expect(text.contains("&quot;&gt;&lt;script&gt;"))
        #expect(text.contains("value=\"/&quot;x\""))
    }

    @Test("A template that does not exist draws nothing")
    func unknown() throws {
        #expect(try Pages().fill("no_such_page", [:]) == "")
    }
}
