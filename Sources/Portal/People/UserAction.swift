import Accounts
import Secrets
import SignIn

/// What an admin does to a login; the raw value is the end of its address.
enum UserAction: String, Sendable, CaseIterable {
    case disable, enable, delete
    case grantAdmin = "grant-admin"
    case revokeAdmin = "revoke-admin"
    case resetTwoFactor = "reset-two-factor"
    case resetPassword = "reset-password"
    case endSessions = "end-sessions"

    func path(_ user: User) -> String { "/setup/users/\(user.id)/\(rawValue)" }

    /// Whether one's own session has ended with it.
    var endsOwnSession: Bool {
        switch self {
        case .disable, .delete, .endSessions: true
        default: false
        }
    }

    var notice: Notice {
        switch self {
        case .disable: .userDisabled
        case .enable: .userEnabled
        case .delete: .userDeleted
        case .grantAdmin: .adminGranted
        case .revokeAdmin: .adminRevoked
        case .resetTwoFactor: .twoFactorReset
        case .resetPassword: .saved
        case .endSessions: .sessionsEnded
        }
    }
}

/// What one person may do to another, as pages offer it; the rules decide again when it is asked for.
struct UserRights {
    let view: SessionView
    let summary: UserSummary
    /// No other admin could sign in.
    var isLastAdmin = false

    private var user: User { summary.user }
    var isAdmin: Bool { view.user.isAccountAdmin }
    var isSelf: Bool { view.user.id == user.id }

    /// Only an Account Admin touches an Account Admin.
    var mayManage: Bool { isAdmin || (view.permissions.setup == .manage && !user.isAccountAdmin) }

    /// Whether the question may be put at all.
    func mayAsk(_ action: UserAction) -> Bool {
        switch action {
        case .disable, .enable, .delete, .endSessions: mayManage
        case .grantAdmin, .revokeAdmin, .resetTwoFactor, .resetPassword: isAdmin
        }
    }

    /// Whether it makes sense now, so that no page offers what would be refused or change nothing.
    func offers(_ action: UserAction) -> Bool {
        guard mayAsk(action) else { return false }
        return switch action {
        case .enable: !user.isEnabled
        case .disable: user.isEnabled && !isSelf && !isLastAdmin
        case .delete, .resetPassword: !isSelf && !isLastAdmin
        case .endSessions: !isSelf
        case .resetTwoFactor: !isSelf && summary.hasTwoFactor
        case .grantAdmin: !user.isAccountAdmin
        case .revokeAdmin: user.isAccountAdmin && !isLastAdmin
        }
    }
}

/// The question before each act, and what follows from it.
struct UserQuestion {
    let action: UserAction
    let summary: UserSummary
    let account: Account

    private var user: User { summary.user }
    private var name: String { user.displayName }

    var confirmation: Confirmation {
        Confirmation(
            heading: heading,
            sentence: sentence,
            consequences: consequences,
            action: action.path(user),
            confirmLabel: label,
            isDanger: action != .enable && action != .grantAdmin,
            cancelHref: "/setup/users/\(user.id)",
            asksReason: action == .resetTwoFactor
        )
    }

    /// The way back, above the heading.
    var extra: Fields { ["backHref": "/setup/users/\(user.id)", "backLabel": "Back to \(name)"] }

    private var label: String {
        switch action {
        case .disable: "Disable"
        case .enable: "Enable"
        case .delete: "Delete"
        case .grantAdmin: "Make Account Admin"
        case .revokeAdmin: "Remove as Account Admin"
        case .resetTwoFactor: "Reset Two Factor Authentication"
        case .resetPassword: "Make the link"
        case .endSessions: "End sessions"
        }
    }

    private var heading: String {
        switch action {
        case .disable: "Disable \(name)?"
        case .enable: "Enable \(name)?"
        case .delete: "Delete \(name)?"
        case .grantAdmin: "Make \(name) an Account Admin?"
        case .revokeAdmin: "Remove \(name) as Account Admin?"
        case .resetTwoFactor: "Reset Two Factor Authentication for \(name)?"
        case .resetPassword: "Make a password link for \(name)?"
        case .endSessions: "End all sessions of \(name)?"
        }
    }

    private var sentence: String {
        switch action {
        case .disable: "\(user.login) cannot log in until somebody enables it again. Roles and phones are kept."
        case .enable: "\(user.login) can log in again."
        case .delete: "\(user.login) is gone for good. The Activity Log keeps what was done."
        case .grantAdmin:
            "An Account Admin sees every page, whatever the roles say, and can help others who are locked out."
        case .revokeAdmin: "From then on only the roles count."
        case .resetTwoFactor: "Do this when the phone is lost or broken, and you are sure who is asking."
        case .resetPassword: "You get a link to pass on. With it \(name) sets a password; it works once."
        case .endSessions: "Whoever uses \(user.login) has to log in again."
        }
    }

    private var consequences: [String] {
        switch action {
        case .disable, .endSessions:
            [
                "All sessions of \(user.login) end at once.", "Agents that are signed in with it stop.",
                "Its API tokens end.",
            ]
        case .delete:
            [
                "All sessions, agents and API tokens of \(user.login) stop at once.",
                "Phones and recovery codes are forgotten.",
                "If it opened applications, nobody else gets the login for a year.",
            ]
        case .revokeAdmin: ["API tokens lose for good what the roles do not open."]
        case .enable, .grantAdmin: []
        case .resetTwoFactor:
            [
                "The old phone and all recovery codes stop working at once.",
                "All sessions and API tokens of \(user.login) end.",
                account.requiresTwoFactor
                    ? "At the next sign-in \(name) sets up a new phone, since your account requires it."
                    : "Until a new phone is set up, \(name) logs in with the password alone.",
            ]
        case .resetPassword:
            [
                "The present password stops working at once.",
                "All sessions, agents and API tokens of \(user.login) stop.",
                "Older links stop working.",
            ]
        }
    }
}
