package import ArgumentParser
import Credentials
import OutsideText

/// The command line: what `countersign` understands, and how it ends.
///
/// Each command says its own name: what the parser would find out by reflection costs the start milliseconds.
///
/// Exit status: 0 done; 1 refused or failed, with one plain sentence on standard error; 64 wrong usage.
package struct Countersign: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "countersign",
        abstract: "A portal with enforced two-factor authentication.",
        discussion: """
            Settings come from options, then from environment variables (COUNTERSIGN_DATABASE and so on), then from \
            the YAML file of --config.
            """,
        subcommands: [
            Serve.self, Migrate.self, Move.self, AccountCommand.self, UserCommand.self, ApplicationCommand.self,
            ActivityCommand.self, Doctor.self, Backup.self,
        ]
    )

    package init() {}

    package mutating func run() async throws {
        throw MissingSubcommand(help: Self.helpMessage())
    }

    package static func main() async {
        ProcessHardening.keepFilesPrivate()
        ProcessEnd.now(await status())
    }

    private static func status() async -> ExitCode {
        let arguments = Array(ProgramArguments.current.dropFirst())
        guard arguments.allSatisfy({ StreamSafeText.isSafe($0) }) else {
            Terminal.complain("countersign: An argument has more marks on one letter than any language puts there.")
            return .failure
        }
        do {
            var command = try await parsed(arguments)
            guard var command = command as? any AsyncParsableCommand else {
                // One of the parser's own, such as `help`.
                try command.run()
                return .success
            }
            do {
                try await command.run()
                return .success
            } catch let missing as MissingSubcommand {
                Terminal.complain(missing.help)
                return .validationFailure
            } catch let error where CommandFailure.isOfParser(error) {
                throw error
            } catch {
                Terminal.complain("countersign: \(CommandFailure(error).sentence)")
                return .failure
            }
        } catch {
            let (text, status) = (fullMessage(for: error), exitCode(for: error))
            // Help that was asked for is a result.
            if !text.isEmpty { status.isSuccess ? Terminal.say(text) : Terminal.complain(text) }
            return status
        }
    }

    /// Parses, and on wrong usage says so without repeating a value that may be a password in the wrong place.
    private static func parsed(_ arguments: [String]) async throws -> any ParsableCommand {
        if let option = SecretArguments.option(in: arguments) {
            Terminal.complain("Error: \(option) is no option: passwords come on standard input, by \(option)-stdin.")
            throw ExitCode.validationFailure
        }
        do {
            return try await asyncParseAsRoot(arguments)
        } catch let error where exitCode(for: error) == .validationFailure {
            Terminal.complain(SecretArguments.masked(fullMessage(for: error, columns: nil), arguments))
            throw ExitCode.validationFailure
        }
    }
}

/// A command that only groups others was called alone.
struct MissingSubcommand: Error {
    let help: String
}

/// Keeps what people type in the wrong place out of messages.
enum SecretArguments {
    /// `--password x`, `--passphrase=x`: the mistake that is made most often.
    static func option(in arguments: [String]) -> String? {
        for argument in arguments.prefix(while: { $0 != "--" }) {
            let name = argument.prefix { $0 != "=" }
            if name == "--password" || name == "--passphrase" { return String(name) }
        }
        return nil
    }

    /// A surplus argument of a command that takes a password may be that password.
    static func masked(_ message: String, _ arguments: [String]) -> String {
        guard !Set(arguments).isDisjoint(with: ["create", "set-password", "backup"]) else { return message }
        return arguments.filter { !$0.hasPrefix("-") && !$0.isEmpty }
            .reduce(message) { $0.replacing("'\($1)'", with: "'…'") }
    }
}
