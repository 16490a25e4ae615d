import HTTPTypes
import Hummingbird
import SignIn

/// Old news is dropped by the next form that somebody sends: it belongs to the page that followed, seen or not.
struct NoticeExpiry: Sendable {
    let cookies: PortalCookies

    func expire(in response: inout Response, to request: Request) {
        guard request.method == .post, cookies.value(.notice, in: request) != nil else { return }
        let clear = cookies.clear(.notice)
        let name = clear.prefix { $0 != "=" }
        if !response.headers[values: .setCookie].contains(where: { $0.hasPrefix(name + "=") }) {
            response.headers.append(HTTPField(name: .setCookie, value: clear))
        }
    }
}

/// News that waits for the next page, carried by name in a cookie: nothing that a stranger could write shows up.
enum Notice: String, Sendable {
    case twoFactorConfigured, twoFactorRemoved, twoFactorReset, attemptExpired, startAgain, saved, passwordChanged
    case passwordSet, sessionsEnded, userCreated, userDeleted, userDisabled, userEnabled, roleCreated, roleDeleted
    case enrolmentCancelled, wrongProofs, waitingPostGone
    case applicationCreated, applicationDeleted, apiTokenRevoked
    case requirementOn, requirementOff, adminGranted, adminRevoked, signedOut

    /// - Parameter subject: the login that the next page is about.
    func message(subject: String) -> PublicMessage {
        switch self {
        case .twoFactorConfigured: .twoFactorConfigured
        case .twoFactorRemoved: .twoFactorRemoved
        case .twoFactorReset: .twoFactorReset(subject.isEmpty ? "this login" : subject)
        case .attemptExpired: .attemptExpired
        case .startAgain: .startAgain
        case .wrongProofs:
            PublicMessage(
                "token_refused",
                "Your proof was wrong \(SessionProof.maximumWrong) times, so you were logged out here.",
                .danger
            )
        case .waitingPostGone: .waitingPostGone
        case .saved: .saved
        case .passwordChanged:
            PublicMessage("password_changed", "The password was changed. All other sessions were ended.", .good)
        case .passwordSet:
            PublicMessage("password_changed", "Your password is set. Log in with it now.", .good)
        case .sessionsEnded: PublicMessage("sessions_ended", "The sessions were ended.", .good)
        case .userCreated: PublicMessage("user_created", "The user was created.", .good)
        case .userDeleted: PublicMessage("user_deleted", "The user was deleted.", .good)
        case .userDisabled: PublicMessage("user_disabled", "The user was disabled and logged out everywhere.", .good)
        case .userEnabled: PublicMessage("user_enabled", "The user was enabled.", .good)
        case .roleCreated: PublicMessage("role_created", "The role was created.", .good)
        case .roleDeleted: PublicMessage("role_deleted", "The role was deleted.", .good)
        case .applicationCreated: PublicMessage("application_created", "The application was created.", .good)
        case .applicationDeleted:
            PublicMessage("application_deleted", "The application was deleted. Nobody gets in by it any more.", .good)
        case .apiTokenRevoked: PublicMessage("api_token_revoked", "The token was revoked and opens nothing now.", .good)
        case .enrolmentCancelled:
            PublicMessage("enrolment_cancelled", "Nothing was changed. The secret that you saw is void.", .information)
        case .requirementOn:
            PublicMessage(
                "requirement_on",
                "Two factor authentication is now required for every login of this account.",
                .good
            )
        case .requirementOff:
            PublicMessage(
                "requirement_off",
                "Two factor authentication is no longer required. Logins that have it keep it.",
                .good
            )
        case .adminGranted: PublicMessage("admin_granted", "This user is an Account Admin now.", .good)
        case .adminRevoked: PublicMessage("admin_revoked", "This user is no longer an Account Admin.", .good)
        case .signedOut: PublicMessage("signed_out", "You are logged out.", .information)
        }
    }
}
