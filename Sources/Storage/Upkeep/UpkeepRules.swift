import Accounts
import Secrets
import SignIn

/// What keeps a table from growing for ever. Every table has a rule: a test asks the database which ones there are.
enum UpkeepRule: Sendable {
    struct Removal: Sendable {
        let sql: String
        let values: @Sendable (UnixTime) -> [any SQLConvertible & Sendable]
    }

    /// Rows that are taken away from time to time.
    case expires([Removal])
    /// Rows go with the row of another table that they belong to; how many there may be is a rule of the portal.
    case goesWith(String)
    /// As many as an operator makes.
    case stays

    var removals: [Removal] {
        switch self {
        case .expires(let removals): removals
        case .goesWith, .stays: []
        }
    }

    /// Rows whose column says that their time is over, so many seconds ago or just now.
    static func expires(_ table: String, _ column: String, after seconds: Int64 = 0) -> UpkeepRule {
        .expires([Removal(sql: "DELETE FROM \(table) WHERE \(column) <= $1") { [$0 - seconds] }])
    }
}

enum UpkeepRules {
    private static let day: Int64 = 24 * 3600
    /// What costs nothing to bring about is not kept as long as what people did.
    private static let refusalDays: Int64 = 90

    static let all: [String: UpkeepRule] = [
        "schema_version": .stays,
        "seal_check": .stays,
        "account": .stays,
        "account_address": .goesWith("account"),
        "person": .goesWith("account"),
        "role": .goesWith("account"),
        "person_role": .goesWith("person"),
        "authenticator": .goesWith("person"),
        "recovery_code": .goesWith("person"),
        "pending_enrolment": .expires("pending_enrolment", "expires_at"),
        "sign_in_attempt": .expires("sign_in_attempt", "expires_at"),
        // No session lives longer than 720 hours or rests longer than a day, whatever an account sets.
        "portal_session": .expires("portal_session", "last_seen_at", after: day),
        "known_browser": .expires("known_browser", "last_used_at", after: KnownBrowser.days * day),
        "waiting_post": .expires("waiting_post", "expires_at"),
        "agent_session": .expires("agent_session", "expires_at"),
        "one_time_link": .expires("one_time_link", "expires_at", after: day),
        "throttle": throttle,
        "activity": activity,
        "reserved_login": .expires([
            .init(sql: "DELETE FROM reserved_login WHERE freed_at <= $1") { [LoginReservation.end(at: $0)] }
        ]),
        "application": .goesWith("account"),
        "application_role": .goesWith("application"),
        "application_rule": .goesWith("application"),
        "application_session": .goesWith("portal_session"),
        "hand_over_ticket": .expires("hand_over_ticket", "expires_at"),
        "former_host": .goesWith("account"),
        "host_grant": .goesWith("account"),
        "api_token": .expires("api_token", "expires_at", after: 30 * day),
        "api_token_application": .goesWith("api_token"),
        // Every node has heard of it after a second.
        "access_change": .expires("access_change", "changed_at", after: 3600),
    ]

    /// Counters beyond so many are not worth their room: some tens of megabytes. Strangers make one with each login that
    /// they make up; it takes them half an hour of hashing on two cores, and by then no wait is left in the oldest.
    static let maximumCounters = 200_000

    /// A run of wrong tokens is kept: time does not clear it (threats A12), and strangers cannot make one.
    private static let throttle = UpkeepRule.expires([
        .init(sql: "DELETE FROM throttle WHERE updated_at <= $1 AND \(notARunOfTokens)") { [$0 - day] },
        .init(
            sql: """
                DELETE FROM throttle WHERE updated_at < (SELECT updated_at FROM throttle ORDER BY updated_at DESC
                LIMIT 1 OFFSET \(maximumCounters)) AND \(notARunOfTokens)
                """
        ) { _ in [] },
    ])
    private static let notARunOfTokens =
        "(kind <> '\(ThrottleKind.token.rawValue)' OR scope <> 'login' OR consecutive = 0)"

    /// What people did stays with their account.
    private static let activity = UpkeepRule.expires([
        .init(sql: "DELETE FROM activity WHERE account_id IS NULL AND happened_at <= $1") {
            [$0 - StrangersActivity.days * day]
        },
        .init(sql: StrangersActivity.shortening) { _ in [] },
        .init(sql: "DELETE FROM activity WHERE merge_key IS NOT NULL AND happened_at <= $1") {
            [$0 - refusalDays * day]
        },
    ])
}
