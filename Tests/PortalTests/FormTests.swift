import Testing

@testable import Portal

@Suite("Form fields")
struct FormTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let body: String
        /// Nil where the whole form is refused.
        let value: String?
        var testDescription: String { body.isEmpty ? "nothing" : body }

        init(_ body: String, _ value: String?) {
            self.body = body
            self.value = value
        }

        static let all = [
            Case("", ""),
            Case("a=1", "1"),
            Case("b=1", ""),
            Case("a", ""),
            Case("a=", ""),
            Case("a=1=2", "1=2"),
            Case("a=b+c", "b c"),
            Case("a=%2B%26%3D%25", "+&=%"),
            Case("a=%c3%a9", "é"),
            Case("a=%C3%A9", "é"),
            // One text, however it was composed.
            Case("a=e%CC%81", "é"),
            Case("%61=1", "1"),
            Case("a=1&a=2", "2"),
            Case("a=off&a=on", "on"),
            Case("&&a=1&&", "1"),
            Case("a=%", nil),
            Case("a=%4", nil),
            Case("a=%zz", nil),
            Case("a=%+1", nil),
            Case("a=1&b=%c3", nil),
            Case("a=%c0%80", nil),
            Case("a=%ed%a0%80", nil),
            Case("a=%ff", nil),
            Case("a=%00", nil),
            Case("a=x\u{0}y", nil),
            Case("%00=1", nil),
            // A text whose normal form would take long to make, in a value or a name.
            Case("a=e" + String(repeating: "%CC%81", count: 31), nil),
            Case("e" + String(repeating: "\u{301}", count: 31) + "=1&a=1", nil),
            Case("a=%DB%95" + String(repeating: "%D9%8B%CC%81", count: 16), nil),
        ]
    }

    @Test("A field is decoded once and strictly; its last value counts", arguments: Case.all)
    func fields(example: Case) {
        let form = Form(example.body.utf8)
        #expect(form.map { $0["a"] } == example.value)
    }

    @Test("More than 200 fields are refused")
    func manyFields() {
        let fields = (0..<201).map { "f\($0)=1" }
        #expect(Form(fields.joined(separator: "&").utf8).map { $0["f0"] } == nil)
        #expect(Form(fields.dropLast().joined(separator: "&").utf8)?["f199"] == "1")
    }

    @Test("All values of a repeated field stay in their order; a field that is there and empty is there")
    func repeated() throws {
        let form = try #require(Form("role=a&role=b&name=".utf8))
        #expect(form.all("role") == ["a", "b"])
        #expect(form.all("none").isEmpty)
        #expect(form.has("name") && !form.has("none"))
    }
}
