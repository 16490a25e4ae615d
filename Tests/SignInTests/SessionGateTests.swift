import Accounts
import Secrets
import SignIn
import Testing

@Suite("The gate of a session")
struct SessionGateTests {
    struct Row: CustomTestStringConvertible {
        let requires: Bool
        let hasTwoFactor: Bool
        let methods: Set<AuthenticationMethod>
        let expected: SessionGate.Verdict

        var testDescription: String { "requires \(requires), has \(hasTwoFactor), \(methods.text): \(expected)" }
    }

    static let rows: [Row] = [
        Row(requires: false, hasTwoFactor: false, methods: [.password], expected: .open),
        Row(requires: true, hasTwoFactor: false, methods: [.password], expected: .divert),
        // After a reset (S-40): the session that passed once is diverted, too.
        Row(requires: true, hasTwoFactor: false, methods: [.password, .otp], expected: .divert),
        Row(requires: false, hasTwoFactor: false, methods: [.password, .otp], expected: .open),
        Row(requires: true, hasTwoFactor: true, methods: [.password, .otp], expected: .open),
        Row(requires: true, hasTwoFactor: true, methods: [.password, .lookUpSecret], expected: .open),
        Row(requires: false, hasTwoFactor: true, methods: [.password, .lookUpSecret], expected: .open),
        Row(requires: false, hasTwoFactor: true, methods: [.password], expected: .ended),
        Row(requires: true, hasTwoFactor: true, methods: [.password], expected: .ended),
    ]

    private func view(_ row: Row = rows[0], _ change: (inout SessionView) -> Void = { _ in }) -> SessionView {
        let subject = Fixture.person { $0.account.requiresTwoFactor = row.requires }
        var view = SessionView(
            session: Fixture.session(row.methods),
            user: subject.user,
            account: subject.account,
            permissions: subject.permissions,
            hasTwoFactor: row.hasTwoFactor
        )
        change(&view)
        return view
    }

    @Test("S-37: an open session is diverted at its next request once two-factor is required", arguments: rows)
    func table(row: Row) {
        #expect(SessionGate.verdict(view(row), at: Fixture.now) == row.expected)
    }

    @Test("A disabled user's session is over, whatever is required", arguments: rows)
    func disabled(row: Row) {
        #expect(SessionGate.verdict(view(row) { $0.user.isEnabled = false }, at: Fixture.now) == .ended)
    }

    static let ages: [(rested: Int64, lived: Int64, isOpen: Bool)] = [
        (0, 0, true), (3_599, 3_599, true), (3_600, 3_600, false), (0, 43_199, true), (0, 43_200, false),
    ]

    @Test("A session rests 60 minutes and lives 12 hours unless the account says otherwise", arguments: ages)
    func limits(rested: Int64, lived: Int64, isOpen: Bool) {
        let view = view {
            $0.session.lastSeenAt = Fixture.now - rested
            $0.session.createdAt = Fixture.now - lived
        }
        #expect(SessionGate.verdict(view, at: Fixture.now) == (isOpen ? .open : .ended))
    }

    @Test("The account's own limits hold at the next request")
    func ownLimits() throws {
        let limits = try #require(SessionLimits(idleMinutes: 5, lifetimeHours: 1))
        let view = view {
            $0.account.sessionLimits = limits
            $0.session.lastSeenAt = Fixture.now
        }
        #expect(SessionGate.verdict(view, at: Fixture.now + 299) == .open)
        #expect(SessionGate.verdict(view, at: Fixture.now + 300) == .ended)
    }

    static let texts: [(Set<AuthenticationMethod>, String)] = [
        ([], ""), ([.password], "pwd"), ([.otp, .password], "otp pwd"), ([.lookUpSecret, .password], "lookup pwd"),
    ]

    @Test("Methods keep their meaning in a column; what is unknown there proves nothing", arguments: texts)
    func columns(methods: Set<AuthenticationMethod>, text: String) {
        #expect(methods.text == text)
        #expect(Set<AuthenticationMethod>(text: text) == methods)
        #expect(Set<AuthenticationMethod>(text: "pwd mfa").passedTwoFactor == false)
    }
}
