import Accounts
import ArgumentParser
import Foundation
import Secrets
import Storage

/// `countersign activity`: the activity log of an account, or what belongs to none.
struct ActivityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity",
        abstract: "Lists the newest entries of the activity log.",
        discussion: """
            Without --account those that belong to no account, which no page shows: tries with logins that do not \
            exist. Of these the newest 10,000 of the last 30 days are kept.
            """
    )

    @Option(help: "The id or the exact name of an account.")
    var account: String?
    @Option(help: "How many entries, 1 to 10000.")
    var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: DatabaseOptions

    private struct Row: Encodable {
        let happenedAt: String
        let kind: String
        let text: String
        let address: String
        let times: Int
        let facts: [String: String]
    }

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 10000.") }
    }

    mutating func run() async throws {
        let people = People(composition: try await Composition.forReading(try options.settings()))
        defer { people.composition.close() }
        let store = people.composition.store
        let records: [ActivityRecord]
        if let account {
            let id = try await people.account(account).id
            records = try await store.activity(id, ActivityQuery(), before: nil, limit: limit)
        } else {
            records = try await store.activityWithoutAccount(limit: limit)
        }
        let rows = records.map { record in
            Row(
                happenedAt: Date(timeIntervalSince1970: TimeInterval(record.happenedAt.seconds)).formatted(.iso8601),
                kind: record.kind?.rawValue ?? "",
                text: record.sentence,
                address: record.address,
                times: record.times,
                facts: Dictionary(record.parameters.map { ($0.name, $0.value) }) { first, _ in first }
            )
        }
        if output.json { return try Terminal.say(json: rows) }
        Terminal.say(
            table: ["TIME", "ADDRESS", "WHAT HAPPENED", "FACTS"],
            rows.map { row in
                let facts = row.facts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                return [row.happenedAt, row.address, row.text, facts.joined(separator: ", ")]
            }
        )
    }
}
