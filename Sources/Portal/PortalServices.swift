package import Accounts
package import Agents
package import Gateway
package import Secrets
package import SignIn
import Wire

/// Everything that the pages use; which store stands behind it is known to the composition alone.
package struct PortalServices: Sendable {
    package let signIn: SignInService
    package let own: OwnService
    package let agents: AgentService
    package let administration: any AdministrationStore
    package let directory: any Directory
    package let ceremony: Ceremony
    /// Forward-auth: the applications, their sessions, and what the node remembers of them.
    package let gatekeeper: Gatekeeper
    package let decisions = DecisionLog()
    /// What the bodies of requests may take of the memory.
    let bodies = MemoryShares(.init(total: 5 * 1024 * 1024, each: 3 * 1024 * 1024))
    /// What was sent and waits for a fresh proof.
    package let waitingPosts: any WaitingPostStore
    /// Whether the database answers with the schema of this program.
    package let isReady: @Sendable () async -> ReadyState

    package enum ReadyState: String, Sendable {
        case ready
        case databaseUnavailable = "database_unavailable"
        case wrongSchema = "wrong_schema"
        /// This node's clock is more than two seconds off the database's.
        case clockOff = "clock_off"
    }

    package init(
        ceremony: Ceremony,
        agentStore: any AgentStore,
        administration: any AdministrationStore,
        directory: any Directory,
        gatekeeper: Gatekeeper,
        waitingPosts: any WaitingPostStore,
        isReady: @escaping @Sendable () async -> ReadyState
    ) {
        self.ceremony = ceremony
        signIn = SignInService(ceremony)
        own = OwnService(ceremony)
        agents = AgentService(ceremony, store: agentStore)
        self.administration = administration
        self.directory = directory
        self.gatekeeper = gatekeeper
        self.waitingPosts = waitingPosts
        self.isReady = isReady
    }

    package var now: UnixTime { ceremony.clock.now }
}

/// What the pages need to know of the configuration.
package struct PortalConfiguration: Sendable {
    /// Scheme, host and port under which people reach the portal; no path.
    package let publicURL: PublicURL
    package let trustedProxies: [AddressRange]
    /// Whether requests are counted and timed; somebody must read it then.
    package let isMeasured: Bool

    package init(publicURL: PublicURL, trustedProxies: [AddressRange], isMeasured: Bool = false) {
        self.publicURL = publicURL
        self.trustedProxies = trustedProxies
        self.isMeasured = isMeasured
    }
}

/// The origin that people type: links are made from it, never from a Host header (threats E08).
package struct PublicURL: Sendable, Equatable {
    /// `https://portal.example.com`, without a slash at the end.
    package let origin: String
    package let isHTTPS: Bool

    package init?(_ text: String) {
        let lower = text.lowercased()
        let trimmed = lower.hasSuffix("/") ? String(lower.dropLast()) : lower
        let parts = trimmed.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "http" || parts[0] == "https", !parts[1].isEmpty else { return nil }
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]"
        guard parts[1].allSatisfy({ allowed.contains($0) }) else { return nil }
        let isHTTPS = parts[0] == "https"
        // A browser leaves the default port out of Origin.
        let defaultPort = isHTTPS ? ":443" : ":80"
        origin = trimmed.hasSuffix(defaultPort) ? String(trimmed.dropLast(defaultPort.count)) : trimmed
        self.isHTTPS = isHTTPS
    }
}
