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
        try connection.execute(
            """
            INSERT INTO activity (happened_at, account_id, kind, actor_id, actor_name, actor_login, subject_id,
            subject_name, subject_login, address, parameters, merge_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (merge_key) DO UPDATE SET times = activity.times + 1
            """,
            [
                now, entry.accountID, entry.kind.rawValue, entry.actor?.id, entry.actor?.name ?? "",
                entry.actor?.login ?? "", entry.subject?.id, entry.subject?.name ?? "", entry.subject?.login ?? "",
                entry.address, ActivityParameters.encode(entry.parameters), entry.mergeKey,
            ]
        )
    }
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
