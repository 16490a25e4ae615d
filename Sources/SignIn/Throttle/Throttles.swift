package import Secrets

/// Where a request came from, as far as limits and the activity log care.
package struct RequestSource: Sendable, Equatable {
    /// What the log shows: the client's address.
    package let address: String
    /// What is counted: an IPv4 address or an IPv6 /64; nil where no limit per address applies.
    package let throttleKey: String?
    package let userAgent: String
    /// What the browser says that it is known by, one value for each login that signed in there; not proven, and most
    /// of them another login's.
    package let browsers: [TokenDigest]

    package init(address: String, throttleKey: String?, userAgent: String = "", browsers: [TokenDigest] = []) {
        self.address = address
        self.throttleKey = throttleKey
        self.userAgent = userAgent
        self.browsers = browsers
    }
}

/// Names one counter.
package enum ThrottleKey: Sendable, Hashable {
    /// A login, known or not, by a keyed digest of its canonical form.
    case login(ThrottleKind, TokenDigest)
    /// An address; recovery codes count as tokens here.
    case address(ThrottleKind, String)
    /// A browser that has signed in as this login before.
    case browser(ThrottleKind, login: TokenDigest, TokenDigest)
    /// The counter of a login's tokens, as far as it closes the factor: what a known browser shares with strangers.
    case closing(TokenDigest)

    package var policy: ThrottlePolicy {
        switch self {
        case .login(let kind, _): .login(kind)
        case .address: .address
        case .browser(let kind, _, _): .browser(kind)
        case .closing: .closing
        }
    }

    package var isAddress: Bool {
        switch self {
        case .address: true
        case .login, .browser, .closing: false
        }
    }
}

/// The counters that one decision looks at, as read in its transaction.
package struct Throttles: Sendable {
    package var states: [ThrottleKey: ThrottleState]
    /// The browser of the request, where it is known to have signed in as this login before.
    package var knownBrowser: TokenDigest?

    package init(_ states: [ThrottleKey: ThrottleState] = [:], knownBrowser: TokenDigest? = nil) {
        self.states = states
        self.knownBrowser = knownBrowser
    }

    package subscript(key: ThrottleKey) -> ThrottleState { states[key] ?? .clear }

    /// The keys that a guess of this kind from this request is counted under.
    package func keys(_ kind: ThrottleKind, login: TokenDigest, source: RequestSource) -> [ThrottleKey] {
        Self.keys(kind, login: login, source: source, knownBrowser: knownBrowser)
    }

    /// - Parameter knownBrowser: has a budget of its own, which strangers cannot use up: neither they nor others behind
    ///   the same address make the owner wait there.
    package static func keys(
        _ kind: ThrottleKind,
        login: TokenDigest,
        source: RequestSource,
        knownBrowser: TokenDigest? = nil
    ) -> [ThrottleKey] {
        if let knownBrowser {
            let own = ThrottleKey.browser(kind, login: login, knownBrowser)
            return kind == .token ? [own, .closing(login)] : [own]
        }
        var keys: [ThrottleKey] = [.login(kind, login)]
        if let address = source.throttleKey { keys.append(.address(kind == .recoveryCode ? .token : kind, address)) }
        return keys
    }

    /// The strictest verdict over the keys.
    package func verdict(_ keys: [ThrottleKey], at now: UnixTime) -> ThrottlePolicy.Verdict {
        var longest: Int64 = 0
        for key in keys {
            switch key.policy.verdict(self[key], at: now) {
            case .open: continue
            case .wait(let seconds): longest = max(longest, seconds)
            case .closed: return .closed
            }
        }
        return longest > 0 ? .wait(seconds: longest) : .open
    }

    package func charging(_ keys: [ThrottleKey], at now: UnixTime) -> [SignInEffect] {
        keys.map { .saveThrottle($0, $0.policy.charged(self[$0], at: now)) }
    }

    /// For a guess that was paid for and never judged (no room to hash).
    package func handingBack(_ keys: [ThrottleKey], chargedAt: UnixTime) -> [SignInEffect] {
        keys.map { .saveThrottle($0, $0.policy.handedBack(self[$0], chargedAt: chargedAt)) }
    }

    /// After a right guess that was charged at `chargedAt` (nil: it was never charged).
    package func succeeding(_ keys: [ThrottleKey], chargedAt: UnixTime?) -> [SignInEffect] {
        keys.compactMap { key in
            let state = self[key]
            let next: ThrottleState
            switch key {
            case .login, .browser, .closing: next = key.policy.succeeded(state, chargedAt: chargedAt)
            case .address:
                guard let chargedAt else { return nil }
                next = key.policy.handedBack(state, chargedAt: chargedAt)
            }
            return next == state ? nil : .saveThrottle(key, next)
        }
    }
}
