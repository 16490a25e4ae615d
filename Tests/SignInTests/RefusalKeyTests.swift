import Accounts
import Secrets
import SignIn
import Testing

@Suite("Refusals that cost nothing and become one entry")
struct RefusalKeyTests {
    private static func key(
        _ kind: String,
        known: Bool,
        login: UInt8,
        _ address: String,
        _ prefix: String?,
        at second: Int64
    )
        -> String
    {
        RefusalKey.make(
            kind,
            isKnown: known,
            loginDigest: TokenDigest(bytes: [UInt8](repeating: login, count: 32))!,
            source: RequestSource(address: address, throttleKey: prefix),
            at: UnixTime(seconds: second)
        )
    }

    @Test("However many logins somebody makes up, they are one entry per address, kind and minute")
    func unknown() {
        let keys = (0..<200).map { Self.key("token", known: false, login: $0, "192.0.2.7", "192.0.2.7", at: 6_000) }
        #expect(Set(keys).count == 1)
        let ofPrefix = (0..<200).map {
            Self.key("token", known: false, login: $0, "2001:db8::\($0)", "v6 2001.db8.0.0", at: 6_059)
        }
        #expect(Set(ofPrefix).count == 1, "one subscriber has as many addresses as they like")
        #expect(Set(keys + ofPrefix).count == 2)
    }

    @Test("A login that exists has entries of its own, wherever they come from")
    func known() {
        let keys = ["192.0.2.7", "192.0.2.8"].map { Self.key("token", known: true, login: 1, $0, $0, at: 6_000) }
        #expect(Set(keys).count == 1)
        #expect(Self.key("token", known: true, login: 2, "192.0.2.7", "192.0.2.7", at: 6_000) != keys[0])
    }

    @Test("Another kind or another minute is another entry")
    func apart() {
        for known in [true, false] {
            let one = Self.key("token", known: known, login: 1, "192.0.2.7", "192.0.2.7", at: 6_000)
            #expect(Self.key("agent_password", known: known, login: 1, "192.0.2.7", "192.0.2.7", at: 6_000) != one)
            #expect(Self.key("token", known: known, login: 1, "192.0.2.7", "192.0.2.7", at: 6_060) != one)
        }
    }
}
