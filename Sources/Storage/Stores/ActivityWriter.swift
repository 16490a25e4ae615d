import Accounts
import Foundation
import Secrets

/// Writes the activity log, in the transaction of what it tells.
struct ActivityWriter {
    let connection: any SQLConnection
    let now: UnixTime

    func append(_ entries: [ActivityEntry]) throws(StoreError) {
        for entry in entries { try append(entry) }
    }

    private func append(_ entry: ActivityEntry) throws(StoreError) {
        let rows = try connection.query(
            """
            INSERT INTO activity (happened_at, account_id, kind, actor_id, actor_name, actor_login, subject_id,
            subject_name, subject_login, address, parameters, merge_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (merge_key) DO UPDATE SET times = activity.times + 1 RETURNING id
            """,
            [
                now, entry.accountID, entry.kind.rawValue, entry.actor?.id, entry.actor?.name ?? "",
                entry.actor?.login ?? "", entry.subject?.id, entry.subject?.name ?? "", entry.subject?.login ?? "",
                entry.address, ActivityParameters.encode(entry.parameters), entry.mergeKey,
            ]
        )
        guard entry.accountID == nil, let number = try rows.first?.integer(0) else { return }
        // Not at each: looking for the oldest costs more than writing.
        if number.isMultiple(of: 64) { try connection.execute(StrangersActivity.shortening, []) }
    }
}

/// What belongs to no account: tries with logins that do not exist. Strangers write it, so that there is an end to it.
enum StrangersActivity {
    /// Enough to see an attack by; some megabytes.
    static let maximumRows = 10_000
    static let days: Int64 = 30

    /// Leaves the newest.
    static let shortening = """
        DELETE FROM activity WHERE account_id IS NULL AND id <= (SELECT id FROM activity WHERE account_id IS NULL
        ORDER BY id DESC LIMIT 1 OFFSET \(maximumRows))
        """
}

/// Parameters in one column: a JSON array of pairs.
enum ActivityParameters {
    static func encode(_ parameters: [ActivityParameter]) -> String {
        guard !parameters.isEmpty, let data = try? JSONEncoder().encode(parameters.map { [$0.name, $0.value] }) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode(_ text: String) -> [ActivityParameter] {
        guard !text.isEmpty, let pairs = try? JSONDecoder().decode([[String]].self, from: Data(text.utf8)) else {
            return []
        }
        return pairs.compactMap { $0.count == 2 ? ActivityParameter($0[0], $0[1]) : nil }
    }
}
