import Accounts
import Foundation

/// What waits: the form as it was sent, and what its page says will be done.
struct WaitingContent: Codable, Sendable {
    let title: String
    private let facts: [[String]]
    private let sent: Data

    /// As it was sent.
    var form: [UInt8] { Array(sent) }

    init(_ entry: ActivityEntry, form: [UInt8]) {
        var parameters = entry.parameters
        var object = entry.subject?.name
        if object == nil, let named = parameters.firstIndex(where: { Self.namingParameters.contains($0.name) }) {
            object = parameters.remove(at: named).value
        }
        if let login = entry.subject?.login, !parameters.contains(where: { $0.name == "login" }) {
            parameters.insert(ActivityParameter("login", login), at: 0)
        }
        title = Self.title(entry.kind, object) ?? "Make this change"
        facts = parameters.map { [$0.name, $0.value] }
        sent = Data(form)
    }

    /// What an entry without a person is about.
    private static let namingParameters: Set = ["role", "application", "which", "name"]

    func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

    init(encoded bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }

    var fields: [Fields] {
        facts.map { fact in
            ["factName": fact[0].prefix(1).uppercased() + fact[0].dropFirst(), "factValue": fact[1]]
        }
    }

    /// As the button says it; nil for what never waits.
    /// - Parameter object: whom or what it is done to; nil for oneself.
    static func title(_ kind: ActivityKind, _ object: String?) -> String? {
        let object = object ?? "yourself"
        return switch kind {
        case .profileChanged: "Change your e-mail address"
        case .sessionsEnded: "End \(object)"
        case .requirementOff: "Stop requiring two factor authentication"
        case .agentSignInOn: "Switch agent sign-in on"
        case .sessionLimitsChanged: "Change the session limits"
        case .userCreated: "Create the user \(object)"
        case .userEnabled: "Enable \(object)"
        case .rolesChanged: "Change the roles of \(object)"
        case .adminGranted: "Make \(object) an Account Admin"
        case .adminRevoked: "Remove \(object) as Account Admin"
        case .twoFactorReset: "Reset Two Factor Authentication for \(object)"
        case .passwordReset: "Make a password link for \(object)"
        case .roleCreated: "Create the role \(object)"
        case .roleChanged: "Change the role \(object)"
        case .roleDeleted: "Delete the role \(object)"
        case .applicationCreated: "Create the application \(object)"
        case .applicationChanged: "Change the application \(object)"
        case .applicationRuleAdded: "Add the rule to \(object)"
        case .applicationRuleRemoved: "Remove the rule from \(object)"
        case .apiTokenCreated: "Create the API token \(object)"
        default: nil
        }
    }
}
