import Foundation

/// What the command line asks for.
struct Options: Sendable {
    var server = ".build/release/countersign"
    /// Where the database lies meanwhile: on a real disk, since a file system in memory makes every fsync free.
    var directory = ".build/bench-sign-in"
    var compiler = "Swift, version unknown"
    var plan = Plan.full
    var isQuick = false

    static let usage = """
        usage: countersign-bench [--quick] [--server FILE] [--directory FOLDER] [--compiler TEXT]
        Measures signing in against a server of its own on loopback and prints a Markdown table.
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        func value(of name: String) throws -> String {
            guard let value = rest.popFirst() else { throw BenchError("\(name) needs a value.\n\(Self.usage)") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick": (plan, isQuick) = (.quick, true)
            case "--server": server = try value(of: argument)
            case "--directory": directory = try value(of: argument)
            case "--compiler": compiler = try value(of: argument)
            default: throw BenchError("\(argument) is no option.\n\(Self.usage)")
            }
        }
        guard FileManager.default.isExecutableFile(atPath: server) else {
            throw BenchError("There is no program at \(server); `make build` makes it.")
        }
    }
}

/// What ends a run, as a sentence.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Progress goes to standard error, so that standard output is the table alone.
func progress(_ text: String) {
    FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
}
