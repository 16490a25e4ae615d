/// A part of the portal that roles open or hide.
package enum Tab: String, Sendable, CaseIterable {
    case accounts, devices, applications, setup
}

/// What a role allows on one tab; the order is the strength.
package enum AccessLevel: String, Sendable, CaseIterable, Comparable {
    case hidden, view, manage

    package static func < (left: AccessLevel, right: AccessLevel) -> Bool { left.rank < right.rank }

    /// As people read it.
    package var label: String {
        switch self {
        case .hidden: "Hidden"
        case .view: "View"
        case .manage: "Manage"
        }
    }

    private var rank: Int {
        switch self {
        case .hidden: 0
        case .view: 1
        case .manage: 2
        }
    }
}

/// What somebody may do, all roles taken together.
package struct Permissions: Sendable, Equatable {
    package var accounts: AccessLevel
    package var devices: AccessLevel
    package var applications: AccessLevel
    package var setup: AccessLevel
    /// Whether the login may sign in at the agent API.
    package var agent: Bool

    package init(
        accounts: AccessLevel = .hidden,
        devices: AccessLevel = .hidden,
        applications: AccessLevel = .hidden,
        setup: AccessLevel = .hidden,
        agent: Bool = true
    ) {
        self.accounts = accounts
        self.devices = devices
        self.applications = applications
        self.setup = setup
        self.agent = agent
    }

    /// An Account Admin overrides every role.
    package static let accountAdmin = Permissions(
        accounts: .manage,
        devices: .manage,
        applications: .manage,
        setup: .manage,
        agent: true
    )

    /// The strongest of each tab; agents only where every role lets them, since a role can switch them off.
    package init(isAccountAdmin: Bool, roles: [Permissions]) {
        guard !isAccountAdmin else {
            self = .accountAdmin
            return
        }
        self = roles.reduce(into: Permissions()) { sum, role in
            sum.accounts = max(sum.accounts, role.accounts)
            sum.devices = max(sum.devices, role.devices)
            sum.applications = max(sum.applications, role.applications)
            sum.setup = max(sum.setup, role.setup)
            sum.agent = sum.agent && role.agent
        }
    }

    package subscript(tab: Tab) -> AccessLevel {
        switch tab {
        case .accounts: accounts
        case .devices: devices
        case .applications: applications
        case .setup: setup
        }
    }

    /// Whether these cover the others in every part, so that nobody gives what they lack.
    package func cover(_ other: Permissions) -> Bool {
        Tab.allCases.allSatisfy { self[$0] >= other[$0] } && (agent || !other.agent)
    }
}
