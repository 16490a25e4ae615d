import Secrets
import Testing

@testable import Portal

@Suite("Times and browsers in words")
struct TextTests {
    /// 29 July 2026, 05:14:09 UTC
    private let moment = UnixTime(seconds: 1_785_302_049)

    struct Zone: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        var testDescription: String { name }

        static let all = [
            Zone(name: "UTC", text: "29 Jul 2026, 05:14:09"),
            Zone(name: "Europe/Madrid", text: "29 Jul 2026, 07:14:09"),
            Zone(name: "Asia/Kolkata", text: "29 Jul 2026, 10:44:09"),
            Zone(name: "America/Los_Angeles", text: "28 Jul 2026, 22:14:09"),
            Zone(name: "Nowhere/None", text: "29 Jul 2026, 05:14:09"),
        ]
    }

    @Test("A time is shown in the account's zone, in UTC where the zone is unknown", arguments: Zone.all)
    func zones(zone: Zone) {
        let time = TimeText(zone: zone.name)
        #expect(time.second(moment) == zone.text)
        #expect(time.minute(moment) == String(zone.text.dropLast(3)))
        #expect(time.day(moment) == String(zone.text.prefix { $0 != "," }))
    }

    @Test("Programs get RFC 3339 in UTC")
    func rfc3339() {
        #expect(TimeText.rfc3339(moment) == "2026-07-29T05:14:09Z")
        #expect(TimeText.rfc3339(UnixTime(seconds: 0)) == "1970-01-01T00:00:00Z")
        #expect(TimeText.rfc3339(UnixTime(seconds: -1)) == "1969-12-31T23:59:59Z")
    }

    @Test("A day begins at its midnight in the zone, a day of 23 hours as well")
    func startOfDay() {
        let madrid = TimeText(zone: "Europe/Madrid")
        #expect(madrid.startOfDay("2026-07-29").map { madrid.second($0) } == "29 Jul 2026, 00:00:00")
        #expect(madrid.startOfDay("2026-03-29", addingDays: 1).map { madrid.second($0) } == "30 Mar 2026, 00:00:00")
        for text in [
            "", "2026", "2026-13-01", "2026-00-01", "2026-01-32", "1969-01-01", "29.07.2026", "2026-7-1-1", "a-b-c",
        ] {
            #expect(madrid.startOfDay(text) == nil, "\(text)")
        }
    }

    @Test("A zone is known by its name in the time zone database")
    func knownZones() {
        #expect(TimeText.isKnown("UTC") && TimeText.isKnown("Europe/Madrid"))
        #expect(!TimeText.isKnown("") && !TimeText.isKnown("Mars/Olympus"))
    }

    struct Browser: Sendable, CustomTestStringConvertible {
        let agent: String
        let name: String
        var testDescription: String { name }

        private static let mozilla = "Mozilla/5.0"

        static let all = [
            Browser(
                agent:
                    "\(mozilla) (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
                name: "Edge on Windows"
            ),
            Browser(
                agent: "\(mozilla) (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                name: "Firefox on Linux"
            ),
            Browser(
                agent: "\(mozilla) (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
                name: "Chrome on Android"
            ),
            Browser(
                agent: "\(mozilla) (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
                name: "Safari on iPhone"
            ),
            Browser(
                agent: "\(mozilla) (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1",
                name: "Safari on Mac"
            ),
            Browser(agent: "Firefox/127.0", name: "Firefox"),
            Browser(agent: "Something (Windows)", name: "A browser on Windows"),
            Browser(agent: "curl/8.5.0", name: "curl/8.5.0"),
            Browser(agent: "", name: "Unknown browser"),
        ]
    }

    @Test("A browser is called by its own name and its system's", arguments: Browser.all)
    func browsers(example: Browser) {
        #expect(BrowserName.of(example.agent) == example.name)
    }

    @Test("What a program calls itself is cut to 40 characters")
    func longAgent() {
        #expect(BrowserName.of(String(repeating: "x", count: 200)).count == 40)
    }
}
