import Secrets
import SignIn
import Testing

@Suite("Throttling")
struct ThrottlePolicyTests {
    static let now = Fixture.now

    private func charged(_ policy: ThrottlePolicy, _ count: Int, every seconds: Int64 = 0) -> ThrottleState {
        (0..<count).reduce(.clear) { state, number in policy.charged(state, at: Self.now + Int64(number) * seconds) }
    }

    static let waits: [(failures: Int, wait: Int64)] = [
        (0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 64), (12, 128), (13, 256), (14, 512),
        (15, 900), (16, 900), (1_000, 900),
    ]

    @Test("Wrong passwords in a row cost a wait of 1, 2, 4 … seconds up to 15 minutes", arguments: waits)
    func password(failures: Int, wait: Int64) {
        let state = charged(.password, failures)
        #expect(ThrottlePolicy.password.verdict(state, at: Self.now) == (wait == 0 ? .open : .wait(seconds: wait)))
        #expect(ThrottlePolicy.password.verdict(state, at: Self.now + wait) == .open)
    }

    @Test("However many wrong passwords, a login is never closed for good: anybody can type them")
    func neverClosed() {
        #expect(ThrottlePolicy.password.verdict(charged(.password, 5_000), at: Self.now + 900) == .open)
    }

    @Test(
        "The window slides: in no 15 minutes are more than ten judged",
        arguments: [1, 17, 60, 89, 90, 200] as [Int64]
    )
    func window(gap: Int64) {
        var state = ThrottleState.clear
        var judged: [Int64] = []
        for number in 0..<200 {
            let now = Self.now + Int64(number) * gap
            // The cap is another rule.
            state.consecutive = 0
            guard ThrottlePolicy.token.verdict(state, at: now) == .open else { continue }
            state = ThrottlePolicy.token.charged(state, at: now)
            judged.append(now.seconds)
        }
        for start in judged {
            #expect(judged.filter { (start..<start + 900).contains($0) }.count <= 10)
        }
        if gap >= 90 { #expect(judged.count == 200) }
    }

    @Test("The wait that is named is the wait that is needed")
    func waitIsEnough() throws {
        let state = charged(.token, 10, every: 7)
        let now = Self.now + 70
        guard case .wait(let seconds) = ThrottlePolicy.token.verdict(state, at: now) else {
            Issue.record("open")
            return
        }
        #expect(ThrottlePolicy.token.verdict(state, at: now + seconds - 1) == .wait(seconds: 1))
        #expect(ThrottlePolicy.token.verdict(state, at: now + seconds) == .open)
    }

    @Test(
        "100 wrong tokens in a row close the factor, whatever the time; 99 do not",
        arguments: [-1_000_000, 0, 1_000_000] as [Int64]
    )
    func closing(shift: Int64) {
        let ninetyNine = charged(.token, 99, every: 100)
        let end = Self.now + 99 * 100 + 900
        #expect(ThrottlePolicy.token.verdict(ninetyNine, at: end) == .open)
        #expect(ThrottlePolicy.token.verdict(charged(.token, 100, every: 100), at: end + shift) == .closed)
    }

    @Test("Recovery codes and addresses have a window but are never closed")
    func open() {
        for policy in [ThrottlePolicy.recoveryCode, .address] {
            #expect(policy.verdict(charged(policy, 5_000), at: Self.now + 900) == .open)
        }
        #expect(ThrottlePolicy.address.verdict(charged(.address, 99), at: Self.now) == .open)
        #expect(ThrottlePolicy.address.verdict(charged(.address, 100), at: Self.now) == .wait(seconds: 900))
    }

    @Test(
        "A13: a clock that jumped back locks nobody out for longer than 15 minutes",
        arguments: [1, 600, 3_600, 86_400, 100_000_000] as [Int64]
    )
    func jumpBack(seconds: Int64) {
        for (policy, failures) in [(ThrottlePolicy.password, 15), (.token, 10), (.recoveryCode, 10), (.address, 100)] {
            let state = charged(policy, failures)
            for later in stride(from: Int64(0), through: 2_000, by: 100) {
                let jumped = Self.now - seconds + later
                guard case .wait(let wait) = policy.verdict(state, at: jumped) else { continue }
                #expect(wait <= 900)
                #expect(policy.verdict(state, at: jumped + wait) == .open)
            }
            if seconds >= 3_600 { #expect(policy.verdict(state, at: Self.now - seconds) == .open) }
        }
    }

    @Test("A clock that jumped forward ends waits, and not the cap")
    func jumpForward() {
        #expect(ThrottlePolicy.password.verdict(charged(.password, 15), at: Self.now + 86_400) == .open)
        #expect(ThrottlePolicy.token.verdict(charged(.token, 100), at: Self.now + 86_400) == .closed)
    }

    @Test("Wild numbers out of a row do not trap", arguments: [Int64.min, 0, .max])
    func wild(seconds: Int64) {
        let state = ThrottleState(
            consecutive: .max - 1,
            blockedUntil: UnixTime(seconds: .max),
            recent: Array(repeating: UnixTime(seconds: seconds), count: 12)
        )
        for policy in [ThrottlePolicy.password, .token, .address] {
            for now in [UnixTime(seconds: 0), Self.now] {
                _ = policy.verdict(state, at: now)
                _ = policy.charged(state, at: now)
            }
        }
    }

    @Test("What is charged and handed back is as if it had never been")
    func handedBack() {
        for policy in [ThrottlePolicy.password, .token, .recoveryCode, .address] {
            for failures in [0, 1, 3] {
                let before = charged(policy, failures)
                let after = policy.handedBack(policy.charged(before, at: Self.now + 5), chargedAt: Self.now + 5)
                #expect(after == before)
            }
        }
    }

    @Test("Handing back takes one charge back, not those of other guesses in the same second")
    func parallel() {
        let state = charged(.token, 3)
        let after = ThrottlePolicy.token.handedBack(state, chargedAt: Self.now)
        #expect(after.consecutive == 2)
        #expect(after.recent.count == 2)
        #expect(ThrottlePolicy.token.handedBack(.clear, chargedAt: Self.now) == .clear)
    }

    @Test("The memory of failures is bounded")
    func bounded() {
        #expect(charged(.token, 500).recent.count == 10)
        #expect(charged(.address, 500).recent.count == 100)
        #expect(charged(.password, 500).recent.isEmpty)
    }

    @Test("S-26: every kind has keys of its own: agents and portal apart, recovery codes as tokens of their address")
    func keys() {
        let keys = ThrottleKind.allCases.map {
            Throttles.keys($0, login: Fixture.loginDigest, source: Fixture.source).map(\.label)
        }
        #expect(
            keys == [
                ["login portal_password", "address portal_password"],
                ["login agent_password", "address agent_password"],
                ["login token", "address token"], ["login recovery_code", "address token"],
            ]
        )
        let unlimited = RequestSource(address: "127.0.0.1", throttleKey: nil)
        #expect(Throttles.keys(.token, login: Fixture.loginDigest, source: unlimited).map(\.label) == ["login token"])
    }

    @Test("Of several counters the strictest decides, and closed is stricter than any wait")
    func strictest() {
        let login = ThrottleKey.login(.token, Fixture.loginDigest)
        let address = ThrottleKey.address(.token, "192.0.2.7")
        var throttles = Throttles([login: charged(.token, 10), address: charged(.address, 100, every: 1)])
        #expect(throttles.verdict([login, address], at: Self.now + 100) == .wait(seconds: 800))
        throttles.states[login] = charged(.token, 10, every: 5)
        #expect(throttles.verdict([login, address], at: Self.now + 100) == .wait(seconds: 800))
        throttles.states[login]?.consecutive = 100
        #expect(throttles.verdict([address, login], at: Self.now + 100) == .closed)
    }
}
