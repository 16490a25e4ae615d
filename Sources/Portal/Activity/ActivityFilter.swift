import Accounts
import Secrets

/// What the address of the Activity Log asks for, on the page and in the file alike.
struct ActivityFilter: Sendable {
    let userID: User.ID?
    let text: String
    private let fromText: String
    private let toText: String
    private let from: UnixTime?
    private let until: UnixTime?

    init(_ query: Form, user: User.ID?, zone: String) {
        userID = user
        text = SearchText.reading(query["q"])
        fromText = String(query["from"].trimmingBlanks())
        toText = String(query["to"].trimmingBlanks())
        let time = TimeText(zone: zone)
        from = Self.start(of: fromText, time)
        // The day itself belongs to it.
        until = Self.start(of: toText, time) == nil ? nil : time.startOfDay(toText, addingDays: 1)
    }

    /// Nil for a day that is in no calendar: the calendar would make 31 February one of March.
    private static func start(of text: String, _ time: TimeText) -> UnixTime? {
        guard text.utf8.count <= 10, let start = time.startOfDay(text),
            let day = text.split(separator: "-").last.flatMap({ Int($0) }),
            time.day(start).hasPrefix("\(day) ")
        else { return nil }
        return start
    }

    var isFiltered: Bool { pairs.contains { !$0.value.isEmpty } }

    func query(page: Int = 1) -> ActivityQuery {
        ActivityQuery(userID: userID, text: text, from: from, until: until, page: page)
    }

    /// For the addresses of other pages and of the file.
    var pairs: [(name: String, value: String)] {
        [("user", userID?.description ?? ""), ("q", text), ("from", fromText), ("to", toText)]
    }

    // MARK: The form

    private static let dateRefused = "Write a date as year-month-day, for example 2026-07-29."

    /// Empty when every date is one.
    var errors: Fields {
        var errors: Fields = [:]
        if !fromText.isEmpty, from == nil { errors["fromError"] = Self.dateRefused }
        if !toText.isEmpty, until == nil { errors["toError"] = Self.dateRefused }
        return errors
    }

    var fields: Fields {
        var fields = errors
        fields["isFiltered"] = isFiltered
        for (name, value) in [("q", text), ("from", fromText), ("to", toText)] where !value.isEmpty {
            fields[name] = value
        }
        return fields
    }
}
