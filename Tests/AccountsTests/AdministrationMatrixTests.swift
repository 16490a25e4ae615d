import Accounts
import Secrets
import Testing

@Suite("Who may change what")
struct AdministrationMatrixTests {
    enum Who: String, CaseIterable {
        case admin, adminNotPassed, adminWithout, manager, managerNotPassed, accountsManager, reader, disabledAdmin
        case foreignAdmin, server

        var actor: ActingUser? {
            let setup = Permissions(accounts: .view, devices: .view, setup: .manage)
            return switch self {
            case .admin: Admin.actor(Admin.admin)
            case .adminNotPassed: Admin.actor(Admin.admin, passed: false)
            case .adminWithout: Admin.actor(Admin.admin, hasTwoFactor: false, passed: false)
            case .manager: Admin.actor(Admin.user(21), setup, hasTwoFactor: false, passed: false)
            case .managerNotPassed: Admin.actor(Admin.user(21), setup, passed: false)
            case .accountsManager: Admin.actor(Admin.user(22), Permissions(accounts: .manage))
            case .reader: Admin.actor(Admin.user(23), Permissions(accounts: .view, setup: .view))
            case .disabledAdmin: Admin.actor(Admin.user(24, admin: true, enabled: false))
            case .foreignAdmin: Admin.actor(Admin.user(25, admin: true, in: Admin.foreignID))
            case .server: nil
            }
        }
    }

    struct Row: CustomTestStringConvertible {
        let name: String
        let event: AdministrationEvent
        /// What admins, setup managers and the server get; everybody else is denied unless `accounts` says so.
        var adminNotPassed = "twoFactorRequired"
        var adminWithout = "ok"
        var admin = "ok"
        var manager = "accessDenied"
        var managerNotPassed = "accessDenied"
        var accounts = "accessDenied"
        var server = "ok"

        var testDescription: String { name }

        func expected(_ who: Who) -> String {
            switch who {
            case .admin: admin
            case .adminNotPassed: adminNotPassed
            case .adminWithout: adminWithout
            case .manager: manager
            case .managerNotPassed: managerNotPassed
            case .accountsManager: accounts
            case .reader, .disabledAdmin, .foreignAdmin: "accessDenied"
            case .server: server
            }
        }
    }

    static let accountRows: [Row] = [
        Row(name: "require on", event: .requireTwoFactor(true), adminWithout: "configureOwnFirst"),
        Row(name: "require off", event: .requireTwoFactor(false), adminWithout: "configureOwnFirst"),
        Row(name: "agents on", event: .allowAgentSignIn(true)),
        Row(name: "agents off", event: .allowAgentSignIn(false)),
        Row(name: "limits", event: .limitSessions(.standard)),
        Row(
            name: "account data",
            event: .changeAccount(name: "New", email: "", timeZone: "UTC"),
            adminNotPassed: "ok",
            accounts: "ok"
        ),
        Row(name: "create role", event: .createRole(Admin.newRole)),
        Row(name: "change role", event: .changeRole(Admin.role)),
        Row(name: "delete role", event: .deleteRole(Admin.role.id)),
    ]

    static let userRows: [Row] = [
        Row(name: "create", event: .createUser(Admin.newUser()), manager: "ok", managerNotPassed: "twoFactorRequired"),
        Row(name: "create admin", event: .createUser(Admin.newUser(admin: true))),
        Row(name: "disable", event: .disableUser, manager: "ok", managerNotPassed: "twoFactorRequired"),
        Row(name: "enable", event: .enableUser, manager: "ok", managerNotPassed: "twoFactorRequired"),
        Row(name: "delete", event: .deleteUser, manager: "ok", managerNotPassed: "twoFactorRequired"),
        Row(name: "end sessions", event: .endSessions, adminNotPassed: "ok", manager: "ok", managerNotPassed: "ok"),
        Row(name: "roles", event: .setRoles([Admin.role.id])),
        Row(name: "grant", event: .grantAdmin),
        Row(name: "revoke", event: .revokeAdmin),
        Row(name: "reset two-factor", event: .resetTwoFactor(reason: "lost")),
        Row(name: "reset password", event: .resetPassword(Admin.link)),
        Row(
            name: "set password",
            event: .setPassword(Admin.hash, mustChange: true),
            adminWithout: "accessDenied",
            admin: "accessDenied"
        ),
    ]

    @Test(
        "S-09a, S-31: who may change the account, its access control and its roles",
        arguments: accountRows,
        Who.allCases
    )
    func account(row: Row, who: Who) {
        let decision = AdministrationRules.decide(Admin.state(who.actor), row.event)
        #expect(decision.label == row.expected(who))
        #expect((decision.entry == nil) == (decision.label != "ok"), "INV-9: one entry for each change")
    }

    @Test("S-11: who may change people", arguments: userRows, Who.allCases)
    func people(row: Row, who: Who) {
        let decision = AdministrationRules.decide(Admin.state(who.actor), row.event)
        #expect(decision.label == row.expected(who))
    }

    @Test("Only an Account Admin acts on an Account Admin, whatever the setup permission says", arguments: userRows)
    func onAdmins(row: Row) {
        guard row.name != "create" else { return }
        let state = Admin.state(Who.manager.actor, Admin.otherAdmin)
        #expect(AdministrationRules.decide(state, row.event).label == "accessDenied")
        let byAdmin = Admin.state(Who.admin.actor, Admin.otherAdmin)
        #expect(AdministrationRules.decide(byAdmin, row.event).label == row.expected(.admin))
    }

    @Test("A person of another account is not found, nor is nobody", arguments: userRows, [true, false])
    func notFound(row: Row, isForeign: Bool) {
        guard !row.name.hasPrefix("create") else { return }
        let target = isForeign ? Admin.target(Admin.user(50, in: Admin.foreignID)) : nil
        for who in [Who.admin, .server] {
            #expect(AdministrationRules.decide(Admin.state(who.actor, target), row.event).label == "notFound")
        }
    }
}
