import Accounts
import ArgumentParser
import Foundation
import Secrets
import Storage

/// `countersign account …`
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Creates and lists accounts, and says what they may.",
        subcommands: [
            Create.self, List.self, RequireTwoFactor.self, GrantHost.self, RevokeHost.self, Hosts.self,
        ]
    )

    mutating func run() async throws {
        throw MissingSubcommand(help: Countersign.helpMessage(for: Self.self))
    }
}

extension AccountCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Creates an account with its first Account Admin; prints the account's id."
        )

        @Option(help: "The name of the account.")
        var name: String
        @Option(help: ArgumentHelp("The login of the first Account Admin.", valueName: "login"))
        var admin: String
        @Option(help: ArgumentHelp("The name of the first Account Admin.", valueName: "name"))
        var adminName = ""
        @Option(help: "The e-mail address of the first Account Admin.")
        var email = ""
        @OptionGroup var password: PasswordOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Result: Encodable {
            let id: String
            let name: String
            let adminId: String
            let adminLogin: String
        }

        mutating func run() async throws {
            let settings = try options.settings()
            let name = try People.name(name, of: "name of the account")
            let login = try People.login(admin)
            let adminName = try People.name(adminName, of: "name of the admin", allowsEmpty: true)
            let email = try People.email(email)
            let password = try PasswordInput.read(for: login.text)

            let composition = try await Composition.forWriting(settings)
            defer { composition.close() }
            let account = Account(id: Account.ID(random: composition.random), name: name)
            let user = User(
                id: User.ID(random: composition.random),
                accountID: account.id,
                login: login.text,
                name: adminName,
                email: email,
                isAccountAdmin: true
            )
            let hash = try await composition.hasher().hash(password)
            try await People.warnIfReserved(login, composition)
            try await People.naming(login) {
                _ = try await composition.store.createAccount(
                    account,
                    admin: NewUser(
                        user: user,
                        loginKey: login.key,
                        roleIDs: [],
                        credential: .password(hash, mustChange: false)
                    ),
                    firstRun: nil,
                    actorAddress: "",
                    at: composition.now
                )
            }
            let result = Result(
                id: account.id.description,
                name: account.name,
                adminId: user.id.description,
                adminLogin: user.login
            )
            try output.say(result, text: result.id)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the accounts.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Row: Encodable {
            let id: String
            let name: String
            let requireTwoFactor: Bool
            let agentSignIn: Bool
            let people: Int
            let enabledAdmins: Int
        }

        mutating func run() async throws {
            let composition = try await Composition.forReading(try options.settings())
            defer { composition.close() }
            let directory: any Directory = composition.store
            var rows: [Row] = []
            for account in try await directory.accounts() {
                let readiness = try await directory.readiness(account.id)
                rows.append(
                    Row(
                        id: account.id.description,
                        name: account.name,
                        requireTwoFactor: account.requiresTwoFactor,
                        agentSignIn: account.allowsAgentSignIn,
                        people: readiness.people,
                        enabledAdmins: readiness.enabledAdmins
                    )
                )
            }
            if output.json { return try Terminal.say(json: rows) }
            Terminal.say(
                table: ["ID", "REQUIRE TWO-FACTOR", "ADMINS", "NAME"],
                rows.map { [$0.id, $0.requireTwoFactor ? "on" : "off", String($0.enabledAdmins), $0.name] }
            )
        }
    }

    struct RequireTwoFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "require-two-factor",
            abstract: "Switches the account's two-factor requirement, as the last resort."
        )

        enum Switch: String, ExpressibleByArgument, CaseIterable, Encodable {
            case on, off
        }

        @Argument(help: "The id or the exact name of the account.")
        var account: String
        @Argument(help: "on or off")
        var requirement: Switch
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Result: Encodable {
            let id: String
            let name: String
            let requireTwoFactor: Bool
        }

        mutating func run() async throws {
            let people = People(composition: try await Composition.forWriting(try options.settings()))
            defer { people.composition.close() }
            let account = try await people.account(account)
            try await people.change(account.id, target: nil, .requireTwoFactor(requirement == .on))
            try output.say(
                Result(id: account.id.description, name: account.name, requireTwoFactor: requirement == .on),
                text: "Require Two Factor Authentication is \(requirement.rawValue.uppercased()) for \(account.name)."
            )
        }
    }
}

extension DatabaseOptions {
    func settings() throws -> DatabaseSettings {
        try DatabaseSettings(SettingValues(options: values, configPath: config))
    }
}

extension OutputOptions {
    /// A result for programs or for people.
    func say(_ result: some Encodable, text: String) throws {
        if json { try Terminal.say(json: result) } else { Terminal.say(text) }
    }
}
