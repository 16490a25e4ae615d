import Accounts
import Hummingbird
import Logging
import Secrets

/// Turns every error into an answer: a page for people, RFC 9457 problem details for programs. Causes go to the log.
enum ErrorAnswers {
    static func answer(_ error: any Error) -> PageError {
        switch error {
        case let error as PageError: return error
        case StoreError.conflict, StoreError.duplicate: return .conflict
        // A request that is cut off because the server stops was not judged.
        // A store that does not hold what it should is as good as one that does not answer: neither lets anybody in.
        case StoreError.unavailable, StoreError.corrupt, is CancellationError: return .unavailable
        case is PasswordHashingError:
            return PageError(.serviceUnavailable, .unavailable, heading: "Busy", retryAfter: 1)
        // Hummingbird's own and those that it gives a status, such as a body that is too long.
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: return .notFound
            case .contentTooLarge: return .tooLarge
            case .badRequest: return .formRefused
            default:
                return error.status.code < 500
                    ? PageError(error.status, PageError.formRefused.message, heading: "This cannot be used")
                    : .broken
            }
        default: return .broken
        }
    }

    /// Our own errors name columns, never values; of others only the kind is told.
    static func cause(_ error: any Error) -> String {
        (error as? StoreError).map { "\($0)" } ?? String(describing: type(of: error))
    }
}

extension Web {
    func answer(_ error: any Error, _ request: Request, _ context: PortalContext) async -> Response {
        let answer = ErrorAnswers.answer(error)
        if answer.status.code >= 500 {
            // The matched route, never the address as it came: links carry tokens.
            context.logger.error(
                "request failed",
                metadata: [
                    "route": "\(context.endpointPath ?? "none")", "cause": "\(ErrorAnswers.cause(error))",
                    "status": "\(answer.status.code)",
                ]
            )
        }
        return await errorResponse(answer, request, context)
    }
}
