import Testing

@testable import Portal

@Suite("The activity log as a table")
struct ActivityCSVTests {
    @Test(
        "No cell begins like a formula, and quotes are doubled",
        arguments: [
            ("=1", "\"'=1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@a", "\"'@a\""), ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""), ("＋1", "\"'＋1\""), ("－1", "\"'－1\""), ("＠a", "\"'＠a\""),
            ("a=1", "\"a=1\""), ("a\"b", "\"a\"\"b\""), ("", "\"\""),
        ]
    )
    func cells(text: String, expected: String) {
        #expect(ActivityCSV.cell(text) == expected)
    }
}
