import Accounts
import ArgumentParser
import Credentials
import Portal
import Secrets
import Storage

/// Why a command was refused or failed: one plain sentence for standard error; the exit status is 1.
struct CommandFailure: Error, Equatable {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }

    /// The sentence for an error of the inner modules. What is unknown is named by its type alone: the text of a foreign
    /// error may quote a value.
    init(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error
        case let error as KeyFileError: sentence = error.description
        case let error as SQLiteDatabase.OpenError: sentence = error.description
        case let error as PostgresDatabase.OpenError: sentence = error.description
        case let error as Pages.TemplateError: sentence = error.description
        case let error as StoreError: sentence = Self.sentence(error)
        case PasswordHashingError.overloaded: sentence = "The server is too busy to hash a password; try again."
        case PasswordHashingError.failed: sentence = "The password could not be hashed; is there enough memory?"
        default: sentence = "The command failed (\(type(of: error)))."
        }
    }

    private static func sentence(_ error: StoreError) -> String {
        switch error {
        case .conflict: "Somebody else changed the same thing at the same moment; try again."
        case .duplicate: "That name is taken already."
        case .unavailable: "The database does not answer: it may be locked, read-only, or its disk full."
        case .corrupt(let reason): "The database holds something unexpected (\(reason)); run `countersign doctor`."
        }
    }

    /// Whether ArgumentParser knows best what to say and how to end.
    static func isOfParser(_ error: any Error) -> Bool {
        error is ExitCode || error is CleanExit || error is ValidationError
    }
}
