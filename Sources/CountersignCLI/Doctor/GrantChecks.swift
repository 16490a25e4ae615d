import Accounts
import Gateway
import Storage

/// What was granted before a fresh proof was asked for; listed once, by the first run after the upgrade.
enum GrantChecks {
    static func findings(_ store: PortalStore) async throws -> [Finding] {
        let directory: any Directory = store
        var findings: [Finding] = []
        for account in try await directory.accounts() {
            let grants = try await store.grantsToReview(account.id)
            findings += grants.tokens.map { finding($0, account) } + grants.doors.map { finding($0, account) }
        }
        return findings
    }

    private static func finding(_ tokens: GrantsToReview.Tokens, _ account: Account) -> Finding {
        Finding(
            .warning,
            .grants,
            "\(tokens.login) of \(account.name) has API tokens from before the upgrade: "
                + "\(tokens.names.joined(separator: ", ")).",
            advice: "A stolen session could have made them: ask, and revoke on Setup > Users what nobody knows. "
                + "This is told once."
        )
    }

    private static func finding(_ door: GrantsToReview.Door, _ account: Account) -> Finding {
        let application = door.application
        let openings = application.rules.filter { $0.action != .deny }
            .map { "\($0.action.rawValue) for \($0.words)" }
        let headers =
            application.headers == .standard ? [] : ["headers \(application.headers.all.joined(separator: ", "))"]
        let details = [application.assurance.rawValue] + openings + headers
        return Finding(
            .warning,
            .grants,
            "\(application.name) of \(account.name) (\(application.origin.text)) was made or changed by "
                + "\(door.makers.joined(separator: ", ")), who is no Account Admin: \(details.joined(separator: "; ")).",
            advice: "Look at its address, rules and headers; only an Account Admin changes them now. This is told once."
        )
    }
}
