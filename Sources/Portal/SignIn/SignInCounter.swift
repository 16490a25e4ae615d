import Metrics
import SignIn

/// Counts how the steps of signing in end, without saying whose.
enum SignInCounter {
    static func count(_ outcome: SignInOutcome) {
        Counter(label: "countersign.sign_in.steps", dimensions: [("outcome", name(outcome))]).increment()
    }

    private static func name(_ outcome: SignInOutcome) -> String {
        switch outcome {
        case .proceed: "accepted"
        case .signedIn, .enrolled: "signed_in"
        case .credentialsRefused: "credentials_refused"
        case .tokenRefused, .startAgain: "token_refused"
        case .tooManyAttempts, .factorClosed: "too_many_attempts"
        case .attemptExpired: "attempt_expired"
        case .unavailable: "unavailable"
        case .pairRefused: "tokens_refused"
        case .checkPassword, .showEnrolment: "shown"
        }
    }
}
