import OutsideText
import Testing

@Suite("Text from outside, before anything looks at its characters")
struct StreamSafeTextTests {
    @Test("Thirty marks may follow a letter, and one more may not", arguments: ["\u{301}", "\u{5b0}", "\u{1d165}"])
    func limit(mark: String) {
        let most = "a" + String(repeating: mark, count: 30)
        #expect(StreamSafeText.isSafe(most))
        #expect(StreamSafeText.isSafe(String(repeating: most, count: 1_000)), "each letter may have as many")
        #expect(!StreamSafeText.isSafe(most + mark))
        #expect(!StreamSafeText.isSafe("plain text, then " + most + mark + " and more"))
        #expect(!StreamSafeText.isSafe((most + mark).dropFirst(0)), "a piece of a text is looked at like a text")
    }

    @Test(
        "What people write is safe",
        arguments: [
            "", "ada@example.com", "Zoë", "Nguyễn Thị Minh Khai", "שָׁלוֹם", "ที่นี่", "नमस्ते", "👩‍👩‍👧‍👦", "e\u{301}\u{323}\u{302}",
            "T̸h̵e̷ ̸u̶s̷u̸a̵l̶",
        ]
    )
    func people(text: String) {
        #expect(StreamSafeText.isSafe(text))
        #expect(StreamSafeText.isSafeJSON(Array("{\"login\": \"\(text)\"}".utf8)))
    }

    /// One text in the ways in which a JSON document may hold it.
    private static func documents(_ text: String) -> [String] {
        let escaped = text.utf16.map { unit in
            let hex = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }.joined()
        return [text, escaped, escaped.uppercased().replacing("\\U", with: "\\u"), text + escaped].flatMap {
            ["{\"login\": \"\($0)\"}", "{\"\($0)\": 1}", "[[\"\\\\\", {\"a\": {\"b\": \"x\($0)\"}}]]"]
        }
    }

    @Test(
        "Marks are counted in JSON too, in names and values, written out or escaped",
        arguments: ["\u{301}", "\u{1d165}"]
    )
    func json(mark: String) {
        for document in Self.documents("a" + String(repeating: mark, count: 15)) {
            #expect(StreamSafeText.isSafeJSON(document.utf8), "\(document)")
        }
        for document in Self.documents("a" + String(repeating: mark, count: 31)) {
            #expect(!StreamSafeText.isSafeJSON(document.utf8), "\(document)")
        }
    }

    @Test("A backslash that is itself escaped begins no escape")
    func backslash() {
        let text = String(repeating: "\\\\u0301", count: 100)
        #expect(StreamSafeText.isSafeJSON("{\"path\": \"\(text)\"}".utf8))
    }

    @Test("JSON that is not UTF-8, or has a broken escape, is not safe")
    func broken() {
        for document in ["\"\\u12", "\"\\u12g4\"", "\"\\"] {
            #expect(!StreamSafeText.isSafeJSON(document.utf8), "\(document)")
        }
        #expect(!StreamSafeText.isSafeJSON([0x22, 0xff, 0x22]))
        #expect(!StreamSafeText.isSafeJSON([0x22, 0x00, 0xd8, 0x22]))
    }

    @Test(
        "A text is cut by its bytes, between two scalars",
        arguments: [
            ("agent/1.0", 20, "agent/1.0"), ("agent/1.0", 5, "agent"), ("Zoë", 3, "Zo"), ("Zoë", 4, "Zoë"),
            ("😀x", 3, ""),
            ("😀x", 4, "😀"), ("a\u{301}\u{301}", 3, "a\u{301}"), ("", 4, ""),
        ]
    )
    func cut(text: String, limit: Int, kept: String) {
        #expect(text.cut(toBytes: limit) == kept)
    }
}
