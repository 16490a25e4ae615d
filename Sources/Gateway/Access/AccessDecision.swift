import Secrets

/// Why a request was let through or not: the one list that answers, pages and the record of decisions speak from.
package enum AccessReason: Sendable, Equatable {
    // Let through
    case openPath
    case session
    case apiToken
    // Not signed in, or not any more
    case noSession
    case sessionEnded
    case sessionTooOld
    case sessionOfAnotherApplication
    case tokenRefused
    // Refused, whoever asks
    case untrustedPeer
    case incompleteDescription
    case conflictingDescription
    case unknownApplication
    case path(PathProblem)
    case deniedPath
    // Refused to this person
    case roleMissing
    case twoFactorMissing
    case tokenOfAnotherApplication
    /// The node cannot tell at the moment.
    case unavailable

    /// A stable name, for headers and programs.
    package var code: String {
        switch self {
        case .openPath: "open_path"
        case .session: "session"
        case .apiToken: "api_token"
        case .noSession: "sign_in_needed"
        case .sessionEnded: "session_ended"
        case .sessionTooOld: "session_too_old"
        case .sessionOfAnotherApplication: "other_application"
        case .tokenRefused: "api_token_refused"
        case .untrustedPeer: "untrusted_proxy"
        case .incompleteDescription: "request_not_described"
        case .conflictingDescription: "request_described_twice"
        case .unknownApplication: "unknown_application"
        case .path: "path_refused"
        case .deniedPath: "path_denied"
        case .roleMissing: "role_missing"
        case .twoFactorMissing: "two_factor_required"
        case .tokenOfAnotherApplication: "api_token_refused"
        case .unavailable: "unavailable"
        }
    }

    /// What happened and what to do, for the person.
    package var sentence: String {
        switch self {
        case .openPath: "This path is open to everybody."
        case .session: "You are logged in, and your roles include this application."
        case .apiToken: "An API token for this application was shown."
        case .noSession: "Nobody is logged in at this application. Log in to go on."
        case .sessionEnded: "The session has ended, or the login may not be used any more. Log in again."
        case .sessionTooOld: "The session is older than this application allows. Log in again."
        case .sessionOfAnotherApplication: "The session belongs to another application. Log in to go on."
        case .tokenRefused: "The API token is not right, has expired or was revoked."
        case .untrustedPeer:
            "The request came from an address that COUNTERSIGN_TRUSTED_PROXIES does not name, so nothing that it says "
                + "about another request counts."
        case .incompleteDescription: "The proxy did not say which request it asks about."
        case .conflictingDescription: "The proxy's headers describe two different requests."
        case .unknownApplication: "No application of this portal has that address."
        case .path(let problem): problem.sentence + " It could be read in more than one way, so it is refused."
        case .deniedPath: "A rule of the application closes this path for everybody."
        case .roleMissing: "None of your roles includes this application. Ask an Account Admin for it."
        case .twoFactorMissing:
            "This application asks for two factor authentication. Set it up for your login, then open it again."
        case .tokenOfAnotherApplication: "The API token is not meant for this application."
        case .unavailable: "The portal cannot check the session at the moment. Try again in a moment."
        }
    }
}

/// The answer about one request, as a value.
package struct AccessDecision: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case permitted
        /// Signing in (again) may help.
        case signIn
        case refused
        case unavailable
    }

    package let reason: AccessReason
    package let rule: PathRule?

    package init(_ reason: AccessReason, rule: PathRule? = nil) {
        self.reason = reason
        self.rule = rule
    }

    package var outcome: Outcome {
        switch reason {
        case .openPath, .session, .apiToken: .permitted
        case .noSession, .sessionEnded, .sessionTooOld, .sessionOfAnotherApplication, .tokenRefused: .signIn
        case .untrustedPeer, .incompleteDescription, .conflictingDescription, .unknownApplication, .path, .deniedPath,
            .roleMissing, .twoFactorMissing, .tokenOfAnotherApplication:
            .refused
        case .unavailable: .unavailable
        }
    }
}
