import Accounts
import ArgumentParser
import Gateway
import Secrets
import Storage

/// `countersign account grant-host|revoke-host|hosts`: whose host names are whose, where several accounts share a portal.
extension AccountCommand {
    struct GrantHost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant-host",
            abstract: "Lets an account have applications on a host, or on every name under a domain.",
            discussion: "Needed with more than one account. The most specific grant holds."
        )

        @Argument(help: "The id or the exact name of the account.")
        var account: String
        @Argument(help: "A host name without a port, as in grafana.example.com, or *.example.com.")
        var host: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        mutating func run() async throws {
            let pattern = try HostPattern.reading(host)
            let people = People(composition: try await Composition.forWriting(try options.settings()))
            defer { people.composition.close() }
            let account = try await people.account(account)
            let store = people.composition.store
            switch try await store.grantHost(pattern, to: account.id, at: people.composition.now) {
            case .grantedTo(let other):
                throw CommandFailure(
                    "\(pattern.text) is granted to \(try await people.name(of: other)); take it back there first."
                )
            case .usedBy(let other):
                throw CommandFailure(
                    "\(try await people.name(of: other)) has an application on \(pattern.text); delete that first."
                )
            case nil:
                try output.say(
                    HostResult(id: account.id.description, host: pattern.text, granted: true),
                    text: "\(account.name) may have applications on \(pattern.text)."
                )
            }
        }
    }

    struct RevokeHost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-host",
            abstract: "Takes a host back from an account.",
            discussion: "Applications that are there stay and count as granted; delete them where they should not."
        )

        @Argument(help: "The id or the exact name of the account.")
        var account: String
        @Argument(help: "The host as `account hosts` shows it.")
        var host: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        mutating func run() async throws {
            let pattern = try HostPattern.reading(host)
            let people = People(composition: try await Composition.forWriting(try options.settings()))
            defer { people.composition.close() }
            let account = try await people.account(account)
            let store = people.composition.store
            guard try await store.revokeHost(pattern, of: account.id, at: people.composition.now) else {
                throw CommandFailure("\(pattern.text) is not granted to \(account.name).")
            }
            let staying = try await store.applications(account.id).filter {
                HostPattern.covering($0.origin.host).contains(pattern.text)
            }
            if !staying.isEmpty {
                let names = staying.map(\.name).joined(separator: ", ")
                Terminal.warn("\(account.name) still has applications there, and may add more beside them: \(names).")
            }
            try output.say(
                HostResult(id: account.id.description, host: pattern.text, granted: false),
                text: "\(account.name) has no grant of \(pattern.text) any more."
            )
        }
    }

    struct Hosts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hosts",
            abstract: "Lists the hosts that an account may have applications on.",
            discussion: "Those that were granted, and those where it has applications already."
        )

        @Argument(help: "The id or the exact name of the account.")
        var account: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Row: Encodable {
            let host: String
            let granted: Bool
            let applications: Int
        }

        mutating func run() async throws {
            let people = People(composition: try await Composition.forReading(try options.settings()))
            defer { people.composition.close() }
            let account = try await people.account(account)
            let store = people.composition.store
            let granted = Set(try await store.hostGrants(account.id).map(\.text))
            let used = Dictionary(grouping: try await store.applications(account.id), by: \.origin.host)
            let rows = granted.union(used.keys).sorted().map { host in
                Row(host: host, granted: granted.contains(host), applications: used[host]?.count ?? 0)
            }
            if output.json { return try Terminal.say(json: rows) }
            Terminal.say(
                table: ["HOST", "GRANTED", "APPLICATIONS"],
                rows.map { [$0.host, $0.granted ? "yes" : "by use", String($0.applications)] }
            )
        }
    }
}

private struct HostResult: Encodable {
    let id: String
    let host: String
    let granted: Bool
}

extension HostPattern {
    fileprivate static func reading(_ text: String) throws -> HostPattern {
        guard let pattern = HostPattern(text) else {
            throw CommandFailure("Write a host name without a port, as in grafana.example.com or *.example.com.")
        }
        return pattern
    }
}

extension People {
    /// For a sentence about another account.
    fileprivate func name(of id: Account.ID) async throws -> String {
        let directory: any Directory = composition.store
        return try await directory.accounts().first { $0.id == id }?.name ?? id.description
    }
}
