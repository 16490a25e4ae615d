import Accounts
import Secrets
import SignIn

/// What Accounts > Settings is filled with.
struct SettingsFields {
    let view: SessionView
    let readiness: Readiness

    /// A longer list starts folded.
    private static let openListLength = 10

    private var account: Account { view.account }
    private var unready: Int { readiness.people - readiness.ready }

    /// People are not shown one another's state; those who may help with it are.
    private var seesPeople: Bool { view.user.isAccountAdmin || view.permissions.setup >= .view }

    /// Only who could add one is told.
    var isSecondAdminRecommended: Bool { view.user.isAccountAdmin && readiness.enabledAdmins < 2 }

    var all: Fields {
        let limits = account.sessionLimits
        var fields: Fields = [
            "isRequired": account.requiresTwoFactor, "requireConsequence": consequence,
            "readyCount": CountText.of(readiness.ready), "unreadyCount": CountText.of(unready),
            "userCount": CountText.of(readiness.people), "readyPercent": String(percent),
            // It stands among the messages of the page, and not a second time beside the switch.
            "isSecondAdminRecommended": false, "canManageUsers": view.permissions.setup == .manage,
            "isAgentSignInOn": account.allowsAgentSignIn, "canEditSettings": view.user.isAccountAdmin,
            "settingsRefusal": Self.adminsOnly, "idleMinutes": String(limits.idleMinutes),
            "lifetimeHours": String(limits.lifetimeHours),
        ]
        fields.merge(people) { $1 }
        fields.merge(requirement) { $1 }
        return fields
    }

    private static let adminsOnly = "Only an Account Admin can change this."

    // MARK: Who is affected

    private var percent: Int { readiness.people == 0 ? 0 : readiness.ready * 100 / readiness.people }

    /// Says what is, or what would be: the sentence to read before the switch is touched.
    var consequence: String {
        let start = account.requiresTwoFactor ? "" : "Once on, "
        let who =
            readiness.people == 1
            ? "the only person of \(account.name)"
            : "all \(CountText.of(readiness.people)) people of \(account.name)"
        let sentence: String = start.isEmpty ? who.prefix(1).uppercased() + who.dropFirst() : start + who
        guard unready > 0 else { return "\(sentence) must use a token. Everyone is ready." }
        let ready =
            switch readiness.ready {
            case 0: "Nobody is ready"
            case 1: "1 is ready"
            default: "\(CountText.of(readiness.ready)) are ready"
            }
        let later = "\(CountText.of(unready)) will set it up at \(unready == 1 ? "the" : "their") next sign-in."
        return "\(sentence) must use a token. \(ready), \(later)"
    }

    private var people: Fields {
        let hasPages = view.permissions.setup >= .view
        let rows = readiness.unready.map { person in
            var row: Fields = [
                "rowName": person.user.displayName, "rowLogin": person.user.login, "rowHref": false,
                "rowIsAdmin": person.user.isAccountAdmin,
            ]
            if hasPages { row["rowHref"] = "/setup/users/\(person.user.id)" }
            return row
        }
        var fields: Fields = [
            "hasUnready": seesPeople && !rows.isEmpty, "isUnreadyOpen": unready <= Self.openListLength, "unready": rows,
        ]
        if unready > rows.count, hasPages {
            fields["unreadyMoreHref"] = "/setup/users?filter=\(UserFilter.unconfigured.rawValue)"
        }
        return fields
    }

    // MARK: Who may switch

    /// The rule decides again; this only keeps a switch away that would be refused.
    private var requirement: Fields {
        guard view.user.isAccountAdmin else { return ["canRequire": false, "requireRefusal": Self.adminsOnly] }
        guard view.hasTwoFactor else {
            return [
                "canRequire": false, "requireRefusal": PublicMessage.configureOwnFirst.text,
                "requireRefusalCode": PublicMessage.configureOwnFirst.code,
                "requireRefusalHref": "/accounts/details#two-factor", "requireRefusalLabel": "Set it up",
            ]
        }
        guard view.session.methods.passedTwoFactor else {
            return [
                "canRequire": false, "requireRefusal": PublicMessage.stepUp.text,
                "requireRefusalCode": PublicMessage.stepUp.code,
            ]
        }
        return ["canRequire": true]
    }
}
