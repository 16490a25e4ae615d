import Accounts
import ArgumentParser
import Secrets

/// What every command about one person takes.
struct UserArguments: ParsableArguments {
    @Argument(help: "The login of the person.")
    var login: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: DatabaseOptions

    private struct Result: Encodable {
        let id: String
        let login: String
        let change: String
    }

    /// Makes one change to the person and tells of it; `sentence` goes on after the login.
    func apply(_ event: AdministrationEvent, named change: String, _ sentence: String) async throws {
        let people = People(composition: try await Composition.forWriting(try options.settings()))
        defer { people.composition.close() }
        try await apply(event, named: change, sentence, to: try await people.user(login), people)
    }

    func apply(
        _ event: AdministrationEvent,
        named change: String,
        _ sentence: String,
        to user: User,
        _ people: People
    ) async throws {
        try await people.change(user.accountID, target: user, event)
        try output.say(
            Result(id: user.id.description, login: user.login, change: change),
            text: "\(user.login) \(sentence)"
        )
    }
}

extension UserCommand {
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable",
            abstract: "Shuts a person out; sessions end."
        )
        @OptionGroup var person: UserArguments

        mutating func run() async throws {
            try await person.apply(.disableUser, named: "disabled", "is disabled.")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable",
            abstract: "Lets a disabled person in again."
        )
        @OptionGroup var person: UserArguments

        mutating func run() async throws {
            try await person.apply(.enableUser, named: "enabled", "is enabled.")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "delete", abstract: "Deletes a person for good.")
        @OptionGroup var person: UserArguments

        mutating func run() async throws {
            try await person.apply(.deleteUser, named: "deleted", "is deleted.")
        }
    }

    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password",
            abstract: "Sets a person's password; sessions end."
        )
        @OptionGroup var person: UserArguments
        @Flag(help: "Ask for a new password at the next sign-in.")
        var mustChange = false
        @OptionGroup var password: PasswordOptions

        mutating func run() async throws {
            let settings = try person.options.settings()
            let login = try People.login(person.login)
            let password = try PasswordInput.read(for: login.text)
            let people = People(composition: try await Composition.forWriting(settings))
            defer { people.composition.close() }
            let user = try await people.user(person.login)
            let hash = try await people.composition.hasher().hash(password)
            try await person.apply(
                .setPassword(hash, mustChange: mustChange),
                named: "password_set",
                "has a new password.",
                to: user,
                people
            )
        }
    }

    struct ResetTwoFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-two-factor",
            abstract: "Takes away a person's authenticators and recovery codes; sessions end."
        )
        @OptionGroup var person: UserArguments
        @Option(help: "Why, for the activity log.")
        var reason = ""

        mutating func run() async throws {
            let reason = try People.name(reason, of: "reason", allowsEmpty: true)
            try await person.apply(
                .resetTwoFactor(reason: reason),
                named: "two_factor_reset",
                "has no two-factor authentication any more."
            )
        }
    }

    struct GrantAdmin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant-admin",
            abstract: "Makes a person an Account Admin."
        )
        @OptionGroup var person: UserArguments

        mutating func run() async throws {
            try await person.apply(.grantAdmin, named: "admin_granted", "is an Account Admin.")
        }
    }

    struct RevokeAdmin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-admin",
            abstract: "Takes the Account Admin right from a person."
        )
        @OptionGroup var person: UserArguments

        mutating func run() async throws {
            try await person.apply(.revokeAdmin, named: "admin_revoked", "is no Account Admin any more.")
        }
    }
}
