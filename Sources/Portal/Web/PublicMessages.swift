import Accounts
import OneTimePassword
import SignIn

/// Everything that the portal says to people, with its stable code.
struct PublicMessage: Sendable {
    enum Level: String, Sendable {
        case good, caution, danger
        case information = "info"
    }

    let code: String
    let text: String
    let level: Level
    var link: (href: String, label: String)?

    init(_ code: String, _ text: String, _ level: Level, link: (href: String, label: String)? = nil) {
        self.code = code
        self.text = text
        self.level = level
        self.link = link
    }

    /// Refusals are alerts, the rest is news.
    var isAlert: Bool { level == .danger || code == "clock_off" }

    var fields: Fields {
        var fields: Fields = [
            "isAlert": isAlert, "isStatus": !isAlert, "level": level.rawValue, "code": code, "text": text,
        ]
        if let link {
            fields["linkHref"] = link.href
            fields["linkLabel"] = link.label
        }
        return fields
    }
}

extension PublicMessage {
    static let twoFactorConfigured = PublicMessage(
        "two_factor_configured",
        "Two factor authentication has been configured for this login.",
        .good
    )
    static let recoveryCodesReplaced = PublicMessage(
        "recovery_codes_replaced",
        "These are your new recovery codes. The old ones no longer work.",
        .good
    )
    static let keepCodesFirst = PublicMessage(
        "form_refused",
        "Keep the codes first, then say so in the box below them.",
        .danger
    )
    static let twoFactorRemoved = PublicMessage(
        "two_factor_removed",
        "The authenticator was removed from this login.",
        .good
    )
    static let twoFactorRequired = PublicMessage(
        "two_factor_required",
        "Your account requires two factor authentication. Set it up to continue.",
        .caution
    )
    static let credentialsRefused = PublicMessage(
        "credentials_refused",
        "Login or password is not right.",
        .danger
    )
    static let adminFirst = PublicMessage(
        "admin_first",
        "An Account Admin must configure two factor authentication first.",
        .danger
    )
    static let configureOwnFirst = PublicMessage(
        "configure_own_first",
        "Configure two factor authentication for your own login first.",
        .danger,
        link: ("/accounts/details", "Open Details")
    )
    static let secondAdminRecommended = PublicMessage(
        "second_admin_recommended",
        "Only one Account Admin is enabled. Add a second one, so that someone can help if a device is lost.",
        .caution
    )
    static let attemptExpired = PublicMessage(
        "attempt_expired",
        "This sign-in took too long. Start again.",
        .information
    )
    static let startAgain = PublicMessage(
        "token_refused",
        "That token was not accepted five times. Start again with your password.",
        .danger
    )
    static let accessDenied = PublicMessage(
        "access_denied",
        "Access denied. Your role does not include this page.",
        .danger
    )
    static let lastAdmin = PublicMessage(
        "last_admin",
        "This is the last Account Admin who can sign in. Make another one first.",
        .danger
    )
    static let formRefused = PublicMessage(
        "form_refused",
        "Some of this cannot be used. See the marked fields.",
        .danger
    )
    /// - Parameter account: its id, for the command.
    static func originNotGranted(_ host: String, _ account: String) -> PublicMessage {
        PublicMessage(
            "origin_not_granted",
            "Several accounts share this portal, so its operator says which host names are whose. Ask them to run: "
                + "countersign account grant-host \(account) \(host)",
            .danger
        )
    }
    static let passwordExpired = PublicMessage(
        "password_expired",
        "Choose a new password to continue.",
        .caution
    )
    static let factorClosed = PublicMessage(
        "too_many_attempts",
        "Too many wrong tokens. Use a recovery code, or ask an Account Admin to reset two factor authentication.",
        .danger
    )
    static let unavailable = PublicMessage(
        "unavailable",
        "The portal cannot check this right now. Try again in a moment.",
        .danger
    )
    static let recoveryCodeRefused = PublicMessage(
        "token_refused",
        "That recovery code was not accepted. Each works once; check it, or use another one.",
        .danger
    )
    static let stepUp = PublicMessage(
        "two_factor_required",
        "Log in with your token to make this change.",
        .danger
    )
    static let saved = PublicMessage("saved", "Saved.", .good)

    static func twoFactorReset(_ login: String) -> PublicMessage {
        PublicMessage("two_factor_reset", "Two factor authentication was reset for \(login).", .good)
    }

    /// - Parameter seconds: until the next step begins.
    static func tokenRefused(next seconds: Int64) -> PublicMessage {
        PublicMessage(
            "token_refused",
            "That token was not accepted. If you have just used it, wait for the next one, in about \(seconds) s.",
            .danger
        )
    }

    static func tooManyAttempts(_ seconds: Int64) -> PublicMessage {
        let wait = seconds < 90 ? "\(seconds) second\(seconds == 1 ? "" : "s")" : "\((seconds + 59) / 60) minutes"
        return PublicMessage("too_many_attempts", "Too many attempts. Try again in \(wait).", .danger)
    }

    static func pairRefused(_ judgement: CodePairJudgement) -> PublicMessage {
        if case .clockOff(let seconds) = judgement {
            let side = seconds < 0 ? "behind" : "ahead"
            return PublicMessage(
                "clock_off",
                "Your device's clock seems about \(abs(seconds)) seconds \(side). "
                    + "Set it to automatic time and type two new codes.",
                .caution
            )
        }
        return PublicMessage(
            "tokens_refused",
            "Those two codes do not follow one another. "
                + "Type the code you see now, wait until it changes, and type the next one.",
            .danger
        )
    }

    static func passwordRefused(_ refusal: PasswordRefusal) -> PublicMessage {
        PublicMessage("password_refused", sentence(refusal), .danger)
    }

    static func sentence(_ refusal: PasswordRefusal) -> String {
        switch refusal {
        case .tooShort(let minimum): "Use at least \(minimum) characters. Several words make a good password."
        case .tooLong: "Use at most 1,024 bytes."
        case .common: "This password is one of those that are tried first. Choose another one."
        case .containsLogin: "The password must not contain the login."
        case .repetition: "Use more different characters."
        case .notRepeated: "The two passwords are not the same."
        case .unchanged: "Choose a password that is not the present one."
        }
    }

    /// Beside the field; the alert above the form says what is wrong.
    static func todo(_ refusal: PasswordRefusal) -> String {
        refusal == .notRepeated ? "Type the same password here." : "Choose another password."
    }

    static let typeAgain = "Type it again."

    static let passwordHelp = "At least 12 characters. Several words make a good password."
}
