package import Secrets

/// The tenant: a company or team with its own people, roles and rules.
package struct Account: Sendable, Equatable {
    package typealias ID = Secrets.ID<Account>

    package var id: ID
    package var name: String
    package var email: String
    /// An IANA name such as `Europe/Madrid`; times on pages are shown in it.
    package var timeZone: String
    package var requiresTwoFactor: Bool
    package var allowsAgentSignIn: Bool
    package var sessionLimits: SessionLimits

    package init(
        id: ID,
        name: String,
        email: String = "",
        timeZone: String = "UTC",
        requiresTwoFactor: Bool = false,
        allowsAgentSignIn: Bool = true,
        sessionLimits: SessionLimits = .standard
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.timeZone = timeZone
        self.requiresTwoFactor = requiresTwoFactor
        self.allowsAgentSignIn = allowsAgentSignIn
        self.sessionLimits = sessionLimits
    }
}

/// How long a session may rest and how long it may live (SP 800-63B 2.2.3).
package struct SessionLimits: Sendable, Equatable {
    /// Minutes without a request, 5 to 1440.
    package let idleMinutes: Int
    /// Hours from the sign-in, 1 to 720.
    package let lifetimeHours: Int

    package static let standard = SessionLimits(uncheckedIdleMinutes: 60, lifetimeHours: 12)

    package init?(idleMinutes: Int, lifetimeHours: Int) {
        guard (5...1440).contains(idleMinutes), (1...720).contains(lifetimeHours) else { return nil }
        self.init(uncheckedIdleMinutes: idleMinutes, lifetimeHours: lifetimeHours)
    }

    /// For values that the schema has checked already.
    package init(uncheckedIdleMinutes idleMinutes: Int, lifetimeHours: Int) {
        self.idleMinutes = idleMinutes
        self.lifetimeHours = lifetimeHours
    }
}
