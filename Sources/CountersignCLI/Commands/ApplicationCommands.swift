import Accounts
import ArgumentParser
import Gateway
import Portal
import Secrets
import Storage

/// `countersign application …`
struct ApplicationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "application",
        abstract: "Creates, lists and deletes applications behind the portal.",
        subcommands: [Create.self, List.self, Delete.self]
    )

    mutating func run() async throws {
        throw MissingSubcommand(help: Countersign.helpMessage(for: Self.self))
    }

    fileprivate static func change(
        _ people: People,
        _ account: Account.ID,
        _ application: Application.ID?,
        _ event: ApplicationEvent,
        portalOrigin: Origin?
    ) async throws {
        let decision = try await people.composition.store.changeApplication(
            account,
            application,
            actor: .server,
            event: event,
            portalOrigin: portalOrigin,
            at: people.composition.now
        )
        guard case .refused(let refusal) = decision else { return }
        switch refusal {
        case .originTaken: throw CommandFailure("Another application has that origin.")
        case .originOfPortal: throw CommandFailure("That is the portal's own address.")
        default: throw CommandFailure("What this is about is not there any more.")
        }
    }
}

extension Assurance: ExpressibleByArgument {}

extension ApplicationCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Creates an application; prints its id."
        )

        @Option(help: "The id or the exact name of the account.")
        var account: String
        @Option(help: "The name of the application.")
        var name: String
        @Option(help: ArgumentHelp("Where people find it, as in https://grafana.example.com.", valueName: "url"))
        var origin: String
        @Option(
            help: ArgumentHelp("The exact name of a role that may use it; without one everybody.", valueName: "role")
        )
        var role: [String] = []
        @Option(help: "two-factor (the default) or password")
        var assurance = Assurance.twoFactor
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Result: Encodable {
            let id: String
            let name: String
            let origin: String
        }

        mutating func run() async throws {
            let values = try SettingValues(options: options.values, configPath: options.config)
            let name = try People.name(name, of: "name of the application")
            guard let origin = Origin(origin) else {
                throw CommandFailure(
                    "The origin must be scheme, host and port alone, as in https://grafana.example.com; "
                        + "plain http is only for localhost."
                )
            }
            let people = People(composition: try await Composition.forWriting(try DatabaseSettings(values)))
            defer { people.composition.close() }
            let account = try await people.account(account)
            let application = Application(
                id: Application.ID(random: people.composition.random),
                accountID: account.id,
                name: name,
                origin: origin,
                assurance: assurance,
                audience: Audience(chosen: try await people.roleIDs(role, in: account))
            )
            let portal = try values.text(.publicURL).flatMap { PublicURL($0) }.flatMap { Origin($0.origin) }
            try await ApplicationCommand.change(people, account.id, nil, .create(application), portalOrigin: portal)
            let neighbours = try await people.composition.store.allApplications().filter {
                $0.origin.host == origin.host && $0.accountID != account.id
            }
            if let owner = try await people.composition.store.hostOwner(origin.host), owner != account.id {
                Terminal.warn("\(origin.host) is granted to another account, which can have no application there now.")
            }
            if !neighbours.isEmpty {
                Terminal.warn("another account has an application on \(origin.host) too, and cookies know no port.")
            }
            let result = Result(id: application.id.description, name: application.name, origin: origin.text)
            try output.say(result, text: result.id)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists the applications of an account."
        )

        @Option(help: "The id or the exact name of the account.")
        var account: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Row: Encodable {
            let id: String
            let name: String
            let origin: String
            let assurance: String
            let roles: [String]
            let everybody: Bool
            let sessionHours: Int?
            let rules: Int
        }

        mutating func run() async throws {
            let people = People(composition: try await Composition.forReading(try options.settings()))
            defer { people.composition.close() }
            let account = try await people.account(account)
            let directory: any Directory = people.composition.store
            let names = Dictionary(
                uniqueKeysWithValues: try await directory.roles(account.id).map { ($0.role.id, $0.role.name) }
            )
            let rows = try await people.composition.store.applications(account.id).map { application in
                Row(
                    id: application.id.description,
                    name: application.name,
                    origin: application.origin.text,
                    assurance: application.assurance.rawValue,
                    roles: application.audience.roleIDs.compactMap { names[$0] }.sorted(),
                    everybody: application.audience == .everybody,
                    sessionHours: application.sessionHours,
                    rules: application.rules.count
                )
            }
            if output.json { return try Terminal.say(json: rows) }
            Terminal.say(
                table: ["ID", "NAME", "ORIGIN", "ASKS FOR", "WHO", "RULES"],
                rows.map { row in
                    let who =
                        row.everybody ? "everybody" : row.roles.isEmpty ? "admins" : row.roles.joined(separator: ", ")
                    return [row.id, row.name, row.origin, row.assurance, who, String(row.rules)]
                }
            )
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Deletes an application and ends its sessions.",
            discussion: "The application is named by its id or by its origin."
        )

        @Argument(help: "The id or the origin of the application.")
        var application: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Result: Encodable {
            let id: String
            let deleted: Bool
        }

        mutating func run() async throws {
            let people = People(composition: try await Composition.forWriting(try options.settings()))
            defer { people.composition.close() }
            let wanted = application
            let origin = Origin(wanted)
            let all = try await people.composition.store.allApplications()
            guard
                let found = all.first(where: { $0.id.description == wanted.lowercased() || $0.origin == origin })
            else { throw CommandFailure("There is no application \(wanted).") }
            try await ApplicationCommand.change(people, found.accountID, found.id, .delete, portalOrigin: nil)
            try output.say(
                Result(id: found.id.description, deleted: true),
                text: "\(found.name) (\(found.origin.text)) was deleted."
            )
        }
    }
}
