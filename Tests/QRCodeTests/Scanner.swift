import Foundation

/// A scanner as far from our own code as can be had: librsvg draws and ZBar reads.
enum Scanner {
    struct Failure: Error {
        let tool: String
        let status: Int32
    }

    static func read(_ svg: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let drawing = folder.appendingPathComponent("symbol.svg")
        let picture = folder.appendingPathComponent("symbol.png")
        try Data(svg.utf8).write(to: drawing)
        _ = try run("rsvg-convert", ["-w", "600", "-o", picture.path, drawing.path])
        let text = try run("zbarimg", ["-q", "--raw", picture.path])
        // zbarimg adds one newline.
        return String(text.dropLast())
    }

    private static func run(_ tool: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(tool: tool, status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }
}
