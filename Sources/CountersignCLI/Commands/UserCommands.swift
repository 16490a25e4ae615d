import Accounts
import ArgumentParser
import Foundation
import Secrets
import Storage

/// `countersign user …`
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Creates, lists and changes the people of an account.",
        subcommands: [
            Create.self, List.self, Disable.self, Enable.self, Delete.self, SetPassword.self, ResetTwoFactor.self,
            GrantAdmin.self, RevokeAdmin.self,
        ]
    )

    mutating func run() async throws {
        throw MissingSubcommand(help: Countersign.helpMessage(for: Self.self))
    }
}

extension UserCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Creates a user; prints the user's id."
        )

        @Option(help: "The id or the exact name of the account.")
        var account: String
        @Option(help: "The login, unique over all accounts.")
        var login: String
        @Option(help: "The person's name.")
        var name = ""
        @Option(help: "The person's e-mail address.")
        var email = ""
        @Option(help: "The exact name of a role; may be given several times.")
        var role: [String] = []
        @Flag(help: "Make the person an Account Admin.")
        var accountAdmin = false
        @Flag(help: "Ask for a new password at the first sign-in.")
        var mustChange = false
        @OptionGroup var password: PasswordOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        private struct Result: Encodable {
            let id: String
            let login: String
            let accountId: String
        }

        mutating func run() async throws {
            let settings = try options.settings()
            let login = try People.login(login)
            let name = try People.name(name, of: "name", allowsEmpty: true)
            let email = try People.email(email)
            let password = try PasswordInput.read(for: login.text)

            let composition = try await Composition.forWriting(settings)
            defer { composition.close() }
            let people = People(composition: composition)
            let account = try await people.account(account)
            let user = User(
                id: User.ID(random: composition.random),
                accountID: account.id,
                login: login.text,
                name: name,
                email: email,
                isAccountAdmin: accountAdmin
            )
            let roleIDs = try await people.roleIDs(role, in: account)
            let hash = try await composition.hasher().hash(password)
            let new = NewUser(
                user: user,
                loginKey: login.key,
                roleIDs: roleIDs,
                credential: .password(hash, mustChange: mustChange)
            )
            try await People.warnIfReserved(login, composition)
            try await People.naming(login) {
                try await people.change(account.id, target: nil, .createUser(new))
            }
            let result = Result(
                id: user.id.description,
                login: user.login,
                accountId: account.id.description
            )
            try output.say(result, text: result.id)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists the people of an account."
        )

        @Option(help: "The id or the exact name of the account.")
        var account: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        mutating func run() async throws {
            let people = People(composition: try await Composition.forReading(try options.settings()))
            defer { people.composition.close() }
            let rows = try await people.users(try await people.account(account)).map(UserRow.init)
            if output.json { return try Terminal.say(json: rows) }
            Terminal.say(
                table: ["LOGIN", "NAME", "ROLES", "ADMIN", "TWO-FACTOR", "ENABLED", "LAST SIGN-IN"],
                rows.map(\.cells)
            )
        }
    }
}

/// What a list tells of a person.
private struct UserRow: Encodable {
    let id: String
    let login: String
    let name: String
    let email: String
    let roles: [String]
    let accountAdmin: Bool
    let twoFactor: Bool
    let enabled: Bool
    let invited: Bool
    let lastSignInAt: String?

    init(_ summary: UserSummary) {
        let user = summary.user
        id = user.id.description
        login = user.login
        name = user.name
        email = user.email
        roles = summary.roleNames
        accountAdmin = user.isAccountAdmin
        twoFactor = summary.hasTwoFactor
        enabled = user.isEnabled
        invited = summary.isInvited
        lastSignInAt = summary.lastSignInAt.map {
            Date(timeIntervalSince1970: TimeInterval($0.seconds)).formatted(.iso8601)
        }
    }

    var cells: [String] {
        [
            login, name, roles.joined(separator: ", "), accountAdmin ? "yes" : "no",
            twoFactor ? "configured" : "not configured", enabled ? "yes" : "no", lastSignInAt ?? "never",
        ]
    }
}
