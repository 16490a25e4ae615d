/// Why the server, or the way to it, did not do what was asked.
package struct PostgresFailure: Error, Sendable, Equatable {
    /// Five characters of the SQL standard; nil when no answer came.
    package let state: String?
    /// For people who run the server; it may name a host, never a password.
    package let message: String
    package let table: String
    package let constraint: String
    /// The columns of a unique key that is taken, as `name` or `account_id, name`.
    package let columns: String

    package init(state: String?, message: String, table: String = "", constraint: String = "", columns: String = "") {
        self.state = state
        self.message = message
        self.table = table
        self.constraint = constraint
        self.columns = columns
    }

    static let timedOut = PostgresFailure(state: nil, message: "the server took too long to answer")

    /// `Key (account_id, name)=(1, x) already exists.`: the names alone, since the values are somebody's.
    static func keyColumns(_ detail: String) -> String {
        guard let open = detail.firstIndex(of: "("), let end = detail.firstRange(of: ")=(")?.lowerBound, open < end
        else { return "" }
        return String(detail[detail.index(after: open)..<end])
    }
}
