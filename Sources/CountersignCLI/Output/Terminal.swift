import Foundation

/// What commands print: results on standard output, everything else on standard error.
///
/// Written at once and unbuffered: whoever reads through a pipe must not wait for the first-run address.
enum Terminal {
    static func say(_ text: String) {
        write(text, to: .standardOutput)
    }

    static func complain(_ text: String) {
        write(text, to: .standardError)
    }

    static func warn(_ text: String) {
        complain("warning: \(text)")
    }

    /// One JSON document, with names in snake case.
    static func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Columns as wide as their longest cell, under a heading.
    static func say(table heading: [String], _ rows: [[String]]) {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            say(String(cells.joined(separator: "  ").trimmingSuffix(while: { $0 == " " })))
        }
    }

    private static func write(_ text: String, to file: FileHandle) {
        // A reader that went away is no reason to fail.
        try? file.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !isTrimmed($0) }) else { return self[startIndex..<startIndex] }
        return self[...last]
    }
}
