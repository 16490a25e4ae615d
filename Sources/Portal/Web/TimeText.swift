import Foundation
import Secrets

/// Times as people read them, in the account's time zone.
struct TimeText: Sendable {
    private let zone: TimeZone

    init(zone name: String) {
        zone = TimeZone(identifier: name) ?? .gmt
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private func parts(_ time: UnixTime) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(time.seconds))
        )
    }

    /// `29 Jul 2026, 07:14`
    func minute(_ time: UnixTime) -> String {
        let parts = parts(time)
        return "\(day(parts)), \(two(parts.hour)):\(two(parts.minute))"
    }

    /// `29 Jul 2026, 07:14:09`
    func second(_ time: UnixTime) -> String { "\(minute(time)):\(two(parts(time).second))" }

    /// `29 Jul 2026`
    func day(_ time: UnixTime) -> String { day(parts(time)) }

    private func day(_ parts: DateComponents) -> String {
        "\(parts.day ?? 1) \(Self.months[((parts.month ?? 1) - 1) % 12]) \(parts.year ?? 1970)"
    }

    private func two(_ number: Int?) -> String {
        let text = String(number ?? 0)
        return text.count == 1 ? "0" + text : text
    }

    /// RFC 3339 in UTC, for programs.
    static func rfc3339(_ time: UnixTime) -> String {
        let utc = TimeText(zone: "UTC")
        let parts = utc.parts(time)
        let date = "\(parts.year ?? 1970)-\(utc.two(parts.month))-\(utc.two(parts.day))"
        return "\(date)T\(utc.two(parts.hour)):\(utc.two(parts.minute)):\(utc.two(parts.second))Z"
    }

    /// The first second of a day written `YYYY-MM-DD`, in this zone.
    func startOfDay(_ text: String, addingDays days: Int = 0) -> UnixTime? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2],
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = calendar.date(from: DateComponents(year: year, month: month, day: day + days))
        return date.map { UnixTime(seconds: Int64($0.timeIntervalSince1970)) }
    }

    static func isKnown(_ zone: String) -> Bool { zone == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(zone) }
}
