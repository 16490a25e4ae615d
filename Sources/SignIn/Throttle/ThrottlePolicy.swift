package import Secrets

/// What is counted: each kind apart, so that failures of one never touch another.
package enum ThrottleKind: String, Sendable, CaseIterable {
    case portalPassword = "portal_password"
    case agentPassword = "agent_password"
    case token
    case recoveryCode = "recovery_code"
}

/// What the store remembers of failures for one key.
package struct ThrottleState: Sendable, Equatable {
    /// Failures without a success between them; time does not clear them.
    package var consecutive: Int
    package var blockedUntil: UnixTime?
    /// When the latest failures happened, oldest first, at most as many as the policy looks at.
    package var recent: [UnixTime]

    package static let clear = ThrottleState()

    package init(consecutive: Int = 0, blockedUntil: UnixTime? = nil, recent: [UnixTime] = []) {
        self.consecutive = consecutive
        self.blockedUntil = blockedUntil
        self.recent = recent
    }
}

/// How guesses are slowed down (RFC 4226 7.3, SP 800-63B 3.2.2).
///
/// A guess is charged before it is judged and handed back when it was right, so that a burst of guesses, a crash or a
/// cancelled request judges none for nothing.
package struct ThrottlePolicy: Sendable {
    /// Failures in a row that cost no wait.
    package let freeFailures: Int?
    /// Failures judged in any `windowSeconds`.
    package let windowLimit: Int?
    package let windowSeconds: Int64
    /// Failures in a row that close the factor for good.
    package let closingFailures: Int?

    package static let maximumWaitSeconds: Int64 = 15 * 60

    /// After 5 in a row a wait of 1, 2, 4 … seconds up to 15 minutes.
    package static let password = ThrottlePolicy(
        freeFailures: 5,
        windowLimit: nil,
        windowSeconds: 0,
        closingFailures: nil
    )
    /// 10 in any 15 minutes; 100 in a row close the factor.
    package static let token = ThrottlePolicy(
        freeFailures: nil,
        windowLimit: 10,
        windowSeconds: 900,
        closingFailures: 100
    )
    package static let recoveryCode = ThrottlePolicy(
        freeFailures: nil,
        windowLimit: 10,
        windowSeconds: 900,
        closingFailures: nil
    )
    /// 100 in any 15 minutes from one address.
    package static let address = ThrottlePolicy(
        freeFailures: nil,
        windowLimit: 100,
        windowSeconds: 900,
        closingFailures: nil
    )

    /// 100 wrong tokens in a row, whoever gave them.
    package static let closing = ThrottlePolicy(
        freeFailures: nil,
        windowLimit: nil,
        windowSeconds: 0,
        closingFailures: token.closingFailures
    )

    /// For a browser that has signed in as the login before: as many as for a login, but it closes nothing.
    package static func browser(_ kind: ThrottleKind) -> ThrottlePolicy {
        let own = login(kind)
        return ThrottlePolicy(
            freeFailures: own.freeFailures,
            windowLimit: own.windowLimit,
            windowSeconds: own.windowSeconds,
            closingFailures: nil
        )
    }

    package static func login(_ kind: ThrottleKind) -> ThrottlePolicy {
        switch kind {
        case .portalPassword, .agentPassword: .password
        case .token: .token
        case .recoveryCode: .recoveryCode
        }
    }

    package enum Verdict: Sendable, Equatable {
        case open
        case wait(seconds: Int64)
        case closed
    }

    /// Whether one more guess may be judged now.
    package func verdict(_ state: ThrottleState, at now: UnixTime) -> Verdict {
        if let closingFailures, state.consecutive >= closingFailures { return .closed }
        // No wait is longer than the longest: what lies further ahead was written before the clock jumped back, and
        // must not lock anybody out for years (threats A13).
        if let until = state.blockedUntil, until > now, now.distance(to: until) <= Self.maximumWaitSeconds {
            return .wait(seconds: now.distance(to: until))
        }
        if let windowLimit {
            let live = state.recent.filter { isInWindow($0, at: now) }
            if live.count >= windowLimit, let oldest = live.sorted().dropLast(windowLimit - 1).last {
                return .wait(seconds: max(1, min(oldest.seconds + windowSeconds - now.seconds, windowSeconds)))
            }
        }
        return .open
    }

    /// The state with one more failure.
    package func charged(_ state: ThrottleState, at now: UnixTime) -> ThrottleState {
        var next = state
        next.consecutive = min(state.consecutive + 1, 1_000_000)
        if let freeFailures, next.consecutive >= freeFailures {
            let doublings = min(next.consecutive - freeFailures, 10)
            next.blockedUntil = now + min(Int64(1) << Int64(doublings), Self.maximumWaitSeconds)
        }
        if let windowLimit {
            next.recent = (state.recent.filter { isInWindow($0, at: now) } + [now]).suffix(windowLimit)
        }
        return next
    }

    /// The state after a guess that was right: the run of failures ends; what was charged for it goes back.
    package func succeeded(_ state: ThrottleState, chargedAt: UnixTime?) -> ThrottleState {
        var next = state
        next.consecutive = 0
        next.blockedUntil = nil
        if let chargedAt, let place = next.recent.lastIndex(of: chargedAt) { next.recent.remove(at: place) }
        return next
    }

    /// The state with one charge taken back, other failures staying: for the address of a right guess, and for a guess
    /// that was never judged.
    package func handedBack(_ state: ThrottleState, chargedAt: UnixTime) -> ThrottleState {
        var next = state
        next.consecutive = max(0, state.consecutive - 1)
        if let freeFailures, next.consecutive < freeFailures { next.blockedUntil = nil }
        if let place = next.recent.lastIndex(of: chargedAt) { next.recent.remove(at: place) }
        return next
    }

    private func isInWindow(_ time: UnixTime, at now: UnixTime) -> Bool {
        time.seconds > now.seconds - windowSeconds && time <= now
    }
}
