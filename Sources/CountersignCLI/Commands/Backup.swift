import ArgumentParser
import Foundation
import Storage

/// `countersign backup FILE`: a consistent copy of the embedded database while the server runs.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database to a new file.",
        discussion: """
            The copy does not hold the key file. Without its key file nobody with two-factor authentication can sign \
            in from the copy, so keep the key file too, at another place than the copy.
            """
    )

    @Argument(help: "The file to make; an existing one is not overwritten.")
    var file: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: DatabaseOptions

    private struct Result: Encodable {
        let file: String
        let holdsKeyRing: Bool
        let keyFile: String
    }

    mutating func run() async throws {
        let composition = try await Composition.forReading(try options.settings())
        defer { composition.close() }
        guard case .embedded(let database) = composition.database else {
            throw CommandFailure(
                "This copies the embedded database; one in PostgreSQL is copied with pg_dump, see docs/deploy.md."
            )
        }
        let keyFile = URL(fileURLWithPath: composition.keyFilePath).standardizedFileURL.path
        try database.copy(to: file)
        Terminal.complain(
            "The copy does not hold the key ring: keep the key file \(keyFile) too, at another place. "
                + "A copy without it opens no two-factor secret."
        )
        try output.say(Result(file: file, holdsKeyRing: false, keyFile: keyFile), text: file)
    }
}
