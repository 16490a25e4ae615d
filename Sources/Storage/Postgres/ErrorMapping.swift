import Accounts
import Libpq

/// The one place that knows PostgreSQL's error codes.
enum PostgresErrors {
    static func storeError(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        if let failure = error as? PostgresFailure { return storeError(failure) }
        return .corrupt(String(describing: type(of: error)))
    }

    static func storeError(_ failure: PostgresFailure) -> StoreError {
        // No answer came at all.
        guard let state = failure.state else { return .unavailable }
        switch state {
        // serialization_failure, deadlock_detected
        case "40001", "40P01": return .conflict
        // unique_violation: `person.login_key`, column names and no values.
        case "23505": return .duplicate(columns(failure))
        // lock_not_available, query_canceled (a timeout, or the operator), read_only_sql_transaction (a standby),
        // idle_in_transaction_session_timeout
        case "55P03", "57014", "25006", "25P03": return .unavailable
        default: break
        }
        switch state.prefix(2) {
        // Connection, insufficient resources (disk, memory, connections), operator intervention, system error.
        case "08", "53", "57", "58": return .unavailable
        // The message may quote a value; the code and the constraint's name do not.
        default: return .corrupt("SQLSTATE \(state)" + (failure.constraint.isEmpty ? "" : " \(failure.constraint)"))
        }
    }

    /// `role.account_id, role.name`, as SQLite says it.
    private static func columns(_ failure: PostgresFailure) -> String {
        guard !failure.columns.isEmpty else { return failure.constraint }
        return failure.columns.split(separator: ",")
            .map { "\(failure.table).\($0.drop { $0 == " " })" }
            .joined(separator: ", ")
    }

    /// Whether the connection is better given up: the server behind it is going, or takes no writes any more.
    static func endsConnection(_ failure: PostgresFailure) -> Bool {
        guard let state = failure.state else { return true }
        return state == "25006" || state == "25P03" || state.hasPrefix("08")
            || (state.hasPrefix("57P") && state != "57P04")
    }
}
