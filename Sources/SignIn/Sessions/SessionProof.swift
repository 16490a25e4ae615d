package import Accounts
package import Secrets

/// The last time that somebody in a session showed that it is the session's person.
///
/// Signing in counts, and so do configuring a factor and a recovery code; a session that was opened on a remembered
/// browser would have none.
package struct SessionProof: Sendable, Equatable {
    package static let lifetimeSeconds: Int64 = 15 * 60
    private static let clockToleranceSeconds: Int64 = 10
    /// So many wrong ones on the page that asks for a proof end the session.
    package static let maximumWrong = 5

    package let at: UnixTime
    package let method: AuthenticationMethod

    package init(at: UnixTime, by method: AuthenticationMethod) {
        self.at = at
        self.method = method
    }

    package init(at: UnixTime, by methods: Set<AuthenticationMethod>) {
        let method: AuthenticationMethod =
            if methods.contains(.otp) { .otp } else if methods.contains(.lookUpSecret) { .lookUpSecret } else {
                .password
            }
        self.init(at: at, by: method)
    }

    package func freshness(at now: UnixTime) -> FreshProof {
        // Nodes may be a little apart; a clock that was set back makes no proof last longer.
        guard now < at + Self.lifetimeSeconds, at <= now + Self.clockToleranceSeconds else { return .none }
        return switch method {
        case .password: .password
        case .otp, .lookUpSecret: .secondFactor
        }
    }
}

extension PortalSession {
    package func freshProof(at now: UnixTime) -> FreshProof { proof?.freshness(at: now) ?? .none }

    /// - Parameter hasTwoFactor: whether the person has a factor now.
    package func hasProof(_ need: ProofNeed, hasTwoFactor: Bool, at now: UnixTime) -> Bool {
        let fresh = freshProof(at: now)
        return switch need {
        case .strongest: fresh.suffices(hasTwoFactor: hasTwoFactor)
        case .password: fresh != .none
        }
    }
}
