import Accounts
import Testing

@Suite("Permissions")
struct PermissionTests {
    static let nothing = Permissions(agent: false)

    @Test("S-29: an Account Admin overrides every role", arguments: AccessLevel.allCases)
    func admin(level: AccessLevel) {
        let role = Permissions(accounts: level, devices: level, applications: level, setup: level, agent: false)
        #expect(Permissions(isAccountAdmin: true, roles: [role, Self.nothing]) == .accountAdmin)
        #expect(Permissions(isAccountAdmin: true, roles: []) == .accountAdmin)
    }

    @Test("S-28: without a role every tab is hidden")
    func none() {
        let permissions = Permissions(isAccountAdmin: false, roles: [])
        #expect(Tab.allCases.allSatisfy { permissions[$0] == .hidden })
    }

    @Test("Of several roles the strongest counts on each tab", arguments: AccessLevel.allCases, AccessLevel.allCases)
    func strongest(first: AccessLevel, second: AccessLevel) {
        let roles = [Permissions(accounts: first, setup: second), Permissions(accounts: second, setup: first)]
        let sum = Permissions(isAccountAdmin: false, roles: roles)
        #expect(sum.accounts == max(first, second) && sum.setup == max(first, second))
        #expect(sum.devices == .hidden)
    }

    @Test("One role that switches agents off switches them off")
    func agents() {
        #expect(Permissions(isAccountAdmin: false, roles: [Permissions(), Permissions()]).agent)
        #expect(!Permissions(isAccountAdmin: false, roles: [Permissions(), Permissions(agent: false)]).agent)
    }

    @Test("Hidden is less than Read-only, and Read-only less than Manage")
    func order() {
        #expect(AccessLevel.hidden < .view && AccessLevel.view < .manage)
    }

    @Test("Nobody covers what they lack in a single part")
    func cover() {
        let own = Permissions(accounts: .view, setup: .manage, agent: false)
        #expect(own.cover(own))
        #expect(own.cover(Self.nothing))
        #expect(!own.cover(Permissions(accounts: .manage, agent: false)))
        #expect(!own.cover(Permissions(devices: .view, agent: false)))
        #expect(!own.cover(Permissions(agent: true)))
        #expect(Permissions.accountAdmin.cover(own))
    }

    static let limitsCases: [(Int, Int, Bool)] = [
        (5, 1, true), (1_440, 720, true), (60, 12, true), (4, 12, false), (1_441, 12, false), (60, 0, false),
        (60, 721, false), (-1, -1, false), (.max, .max, false),
    ]

    @Test("Session limits lie within their bounds", arguments: limitsCases)
    func limits(idle: Int, hours: Int, isTaken: Bool) {
        #expect((SessionLimits(idleMinutes: idle, lifetimeHours: hours) != nil) == isTaken)
    }
}
