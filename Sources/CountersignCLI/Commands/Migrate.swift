import ArgumentParser
import Storage

/// `countersign migrate`: brings the schema up to date; of several at once one does it and the others wait.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the database schema up to date.",
        discussion: """
            With PostgreSQL it is run once before the nodes of a new version start. For a new database it also makes \
            the key file, which every node then needs a copy of.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var options: DatabaseOptions

    private struct Result: Encodable {
        let schema: Int
    }

    mutating func run() async throws {
        let (composition, version) = try await Composition.migrated(try options.settings())
        defer { composition.close() }
        let text =
            version == Schema.version
            ? "The database has schema \(Schema.version) already."
            : "The database has schema \(Schema.version)."
        try output.say(Result(schema: Schema.version), text: text)
    }
}
