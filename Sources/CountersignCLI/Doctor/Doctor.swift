import ArgumentParser
import Foundation

/// `countersign doctor`: looks at everything that has to be right and says what to do. It notes what it lists once and
/// changes nothing else.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks configuration, database, key file, file modes and clock; says what to do.",
        discussion: "Exit status 0 also with warnings; 1 when there is an error."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var databaseOptions: DatabaseOptions
    @OptionGroup var serverOptions: ServerOptions

    private struct Report: Encodable {
        let findings: [Finding]
        let warnings: Int
        let errors: Int
    }

    mutating func run() async throws {
        let findings = await findings()
        let errors = findings.filter { $0.level == .error }.count
        if output.json {
            let warnings = findings.filter { $0.level == .warning }.count
            try Terminal.say(json: Report(findings: findings, warnings: warnings, errors: errors))
        } else {
            for finding in findings { Terminal.say(finding.text) }
        }
        guard errors == 0 else {
            throw CommandFailure("\(errors) of \(findings.count) checks failed.")
        }
    }

    private func findings() async -> [Finding] {
        let values: SettingValues
        do {
            values = try SettingValues(
                options: databaseOptions.values.merging(serverOptions.values) { $1 },
                configPath: databaseOptions.config
            )
        } catch {
            return [Finding(.error, .configuration, CommandFailure(error).sentence)]
        }
        var findings = SettingChecks.findings(values)
        do {
            let settings = try DatabaseSettings(values)
            findings += await DataChecks(settings: settings).findings()
        } catch {
            findings.append(Finding(.error, .configuration, CommandFailure(error).sentence))
        }
        findings.append(ClockCheck.finding())
        return findings
    }
}

/// The outcome of one check.
struct Finding: Encodable, Equatable {
    enum Level: String, Encodable {
        case ok, warning, error
    }

    enum Check: String, Encodable {
        case configuration
        case publicURL = "public_url"
        case database
        case schema
        case keyFile = "key_file"
        case fileModes = "file_modes"
        case accounts
        case proxies
        case grants
        case clock
    }

    let level: Level
    let check: Check
    let message: String
    /// What to do; empty when there is nothing to do.
    let advice: String

    init(_ level: Level, _ check: Check, _ message: String, advice: String = "") {
        self.level = level
        self.check = check
        self.message = message
        self.advice = advice
    }

    var text: String {
        let name = level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        return name + message + (advice.isEmpty ? "" : " " + advice)
    }
}
