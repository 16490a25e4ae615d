import Foundation
import Gateway
import Testing

@Suite("A path is read once, in one way")
struct RequestPathTests {
    @Test(
        "Percent-encoding and double slashes come to one form",
        arguments: [
            ("/", "/"), ("/admin", "/admin"), ("/admin/", "/admin/"), ("/admin?x=/public", "/admin"),
            ("/%61dmin", "/admin"), ("/%41dmin", "/Admin"), ("//admin", "/admin"), ("/admin//users", "/admin/users"),
            ("///", "/"), ("/a%20b", "/a b"), ("/a/\u{301}b", "/a/\u{301}b"), ("/a?\u{301}b", "/a"),
            ("/caf%C3%A9", "/café"), ("/x/a..b/c", "/x/a..b/c"), ("/.well-known/x", "/.well-known/x"),
            ("/a%2bb", "/a+b"), ("/a%3fb?c".replacing("%3f", with: "%40"), "/a@b"),
        ]
    )
    func plain(_ target: String, _ text: String) throws {
        #expect(try RequestPath.reading(target).get().text == text)
    }

    @Test(
        "What could be read in two ways is refused",
        arguments: [
            ("/public/..%2fadmin", PathProblem.encodedDelimiter), ("/public%2Fadmin", .encodedDelimiter),
            ("/public/..%5cadmin", .encodedDelimiter), ("/%252e%252e/admin", .encodedDelimiter),
            ("/admin%3fx", .encodedDelimiter), ("/admin%23", .encodedDelimiter), ("/admin%3b", .encodedDelimiter),
            ("/public/..;/admin", .parameter), ("/admin;x=1", .parameter), ("/admin;.css", .parameter),
            ("/public\\..\\admin", .backslash), ("/admin%00", .controlCharacter), ("/admin%0a", .controlCharacter),
            ("/admin%7f", .controlCharacter), ("/ad\u{1}min", .controlCharacter), ("/%", .brokenEncoding),
            ("/%4", .brokenEncoding), ("/%zz", .brokenEncoding), ("/%c0%af", .brokenEncoding),
            ("/%e0%80%af", .brokenEncoding), ("/%ff", .brokenEncoding), ("/../admin", .dotSegment),
            ("/a/../../b", .dotSegment), ("/%2e%2e/b", .dotSegment), ("/./admin", .dotSegment),
            ("/public/../admin", .dotSegment), ("/public/.%2e/admin", .dotSegment), ("/a/%2E.", .dotSegment),
            ("/a/.", .dotSegment), ("/\u{fffd}", .brokenEncoding), ("/a//b//c//d//e//f", .doubleSlashes),
            ("/admin.", .trailingDot),
            ("/admin%20", .trailingDot), ("/admin./x", .trailingDot), ("/a...", .trailingDot),
            ("/public/..%ef%bc%8fadmin", .lookalike), ("/%ef%bc%8e%ef%bc%8e/admin", .lookalike),
            ("/ad%e2%80%8dmin", .lookalike), ("", .notAbsolute), ("admin", .notAbsolute), ("*", .notAbsolute),
            ("https://a.example/admin", .notAbsolute), ("?x", .notAbsolute), ("/a#b", .encodedDelimiter),
        ]
    )
    func refused(_ target: String, _ problem: PathProblem) {
        #expect(throws: problem) { try RequestPath.reading(target).get() }
    }

    @Test("Where no rule looks at the path, dot segments pass that stay below the root")
    func dots() {
        for target in ["/a/../b", "/a/./b", "/a/%2e%2e", "/a/b/..", "//a", "/a%20b"] {
            #expect(SentPath.problem(in: target) == nil, "\(target)")
        }
        for target in ["/../a", "/a/../../b", "/%2e%2e/b", "/./../a"] {
            #expect(SentPath.problem(in: target) == .aboveRoot, "\(target)")
        }
        #expect(SentPath.problem(in: "/a%2fb") == .encodedDelimiter)
        #expect(SentPath.problem(in: "/" + String(repeating: "a", count: 10_000)) == nil)
    }

    @Test("No letter comes to be a delimiter or a segment of dots when an application normalises it")
    func disguises() {
        let delimiters = Set("/\\;%?#".unicodeScalars)
        for value in UInt32(0x80)...0x2ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let letter = String(scalar)
            let normalized = [
                letter.precomposedStringWithCanonicalMapping, letter.precomposedStringWithCompatibilityMapping,
            ]
            let isDelimiter = normalized.contains { $0.unicodeScalars.contains(where: delimiters.contains) }
            let isDots = normalized.contains { $0.unicodeScalars.allSatisfy { $0 == "." } }
            guard isDelimiter || isDots else { continue }
            let hex = String(value, radix: 16)
            for target in isDelimiter
                ? ["/admin\(letter)x", "/x/\(letter)/y"] : ["/x/\(letter)/y", "/x/\(letter)\(letter)", "/x/.\(letter)"]
            {
                #expect(throws: PathProblem.self, "U+\(hex)") { try SentPath.reading(target).get() }
            }
        }
    }

    @Test("A stored path is read again, whatever stands behind its first slash")
    func stored() throws {
        for target in ["/%CC%81x", "/a/%CC%81x", "/%F0%9F%91%A8x"] {
            let path = try RequestPath.reading(target).get()
            #expect(RequestPath(stored: path.text) == path, "\(target)")
        }
        #expect(RequestPath(stored: "a") == nil)
    }

    @Test("Paths are compared by their bytes: two spellings of one letter are two paths, and fold to one")
    func composed() throws {
        let (one, two) = (try RequestPath.reading("/caf%C3%A9").get(), try RequestPath.reading("/cafe%CC%81").get())
        #expect(one != two && one.folded == two.folded)
    }

    @Test("A path of more than 4,096 bytes is refused")
    func long() {
        #expect(throws: PathProblem.tooLong) {
            try RequestPath.reading("/" + String(repeating: "a", count: 4_096)).get()
        }
    }

    @Test(
        "A plain path is its own form",
        arguments: ["/", "/d/abc-1", "/api/v1/x.json", "/a/", "/a?b=..//;%2f", "/~ana/(x)", "/a.b/c"]
    )
    func isPlain(_ target: String) throws {
        #expect(SentPath.isPlain(target.utf8))
        #expect(try RequestPath.reading(target).get().text == String(target.prefix { $0 != "?" }))
    }

    @Test(
        "A path that may be read otherwise is not taken for a plain one",
        arguments: [
            "", "a", "?", "//", "/a//b", "/./a", "/../a", "/a/..", "/a/.", "/.well-known", "/a%20", "/a;b", "/a\\b",
            "/a.",
            "/é", "/a b", "/a./b", "/a#b", "/\u{7f}",
        ]
    )
    func isNotPlain(_ target: String) {
        #expect(!SentPath.isPlain(target.utf8))
    }

    @Test("Upper case and a slash at the end fold, and letters that fold to ASCII do")
    func folding() throws {
        for spelling in [
            "/Admin", "/ADMIN/", "/%41DMIN", "/admin//", "/%EF%BD%81dmin", "/%E2%93%90dmin", "/%C2%AAdmin",
        ] {
            #expect(try RequestPath.reading(spelling).get().folded == "/admin")
        }
        #expect(try RequestPath.reading("/%C5%BFecret").get().folded == "/secret")
        #expect(try RequestPath.reading("/%E2%84%AAeys").get().folded == "/keys")
    }
}
