import Accounts
import Secrets
import Testing

@Suite("What changes need and end")
struct AdministrationRulesTests {
    private let admin = Admin.actor(Admin.admin)

    private func decide(_ state: AdministrationState, _ event: AdministrationEvent) -> AdministrationDecision {
        AdministrationRules.decide(state, event)
    }

    static let takingAway: [(String, AdministrationEvent)] = [
        ("disable", .disableUser), ("delete", .deleteUser), ("revoke", .revokeAdmin),
    ]

    @Test("F04, INV-7: the last admin who can sign in stays, for themselves too", arguments: takingAway.indices)
    func lastAdmin(index: Int) {
        let event = Self.takingAway[index].1
        for target in [Admin.otherAdmin, Admin.target(Admin.admin)] {
            #expect(decide(Admin.state(admin, target, others: 0), event).label == "lastAdmin")
            #expect(decide(Admin.state(admin, target, others: 1), event).label == "ok")
        }
    }

    @Test("F04: a password reset, too, takes the last admin's way in; the server is warned and may")
    func lastAdminReset() {
        let state = Admin.state(admin, Admin.otherAdmin, others: 0)
        #expect(decide(state, .resetPassword(Admin.link)).label == "lastAdmin")
        let server = Admin.state(nil, Admin.otherAdmin, others: 0)
        for event in Self.takingAway.map(\.1) + [.resetPassword(Admin.link)] {
            #expect(decide(server, event).label == "ok, with a warning")
        }
    }

    @Test(
        "S-12: who is disabled, invited or no admin does not count as an admin who can sign in",
        arguments: takingAway.indices
    )
    func notAble(index: Int) {
        let targets = [
            Admin.plain, Admin.target(Admin.user(32, admin: true, enabled: false)),
            Admin.target(Admin.user(33, admin: true), hasPassword: false),
        ]
        for target in targets {
            #expect(decide(Admin.state(admin, target, others: 0), Self.takingAway[index].1).label == "ok")
        }
    }

    @Test("S-11: an admin resets another login's two-factor, an admin's too; its sessions end")
    func reset() {
        for target in [Admin.plain, Admin.otherAdmin] {
            let decision = decide(Admin.state(admin, target, others: 0), .resetTwoFactor(reason: "phone lost"))
            #expect(decision.effects == ["clearTwoFactor", "endPortalSessions", "endAPITokens"])
            #expect(decision.entry?.kind == .twoFactorReset)
            #expect(decision.entry?.subject?.id == target.user.id)
            #expect(decision.entry?.parameters == [ActivityParameter("reason", "phone lost")])
        }
    }

    @Test("One's own two-factor and password are not reset here: a stolen session must not be enough")
    func ownReset() {
        let own = Admin.state(admin, Admin.target(Admin.admin))
        #expect(decide(own, .resetTwoFactor(reason: "")).label == "ownLogin")
        #expect(decide(own, .resetPassword(Admin.link)).label == "ownLogin")
    }

    @Test("S-09, S-09a: only an admin who has it switches the requirement; the server needs one who has")
    func requirement() {
        let without = Admin.actor(Admin.admin, hasTwoFactor: false, passed: false)
        #expect(decide(Admin.state(without), .requireTwoFactor(true)).label == "configureOwnFirst")
        #expect(decide(Admin.state(admin), .requireTwoFactor(true)).effects == ["setRequirement"])
        #expect(decide(Admin.state(admin), .requireTwoFactor(true)).entry?.kind == .requirementOn)
        #expect(decide(Admin.state(admin), .requireTwoFactor(false)).entry?.kind == .requirementOff)
        var server = Admin.state(nil)
        server.configuredAdmins = 0
        #expect(decide(server, .requireTwoFactor(true)).label == "adminFirst")
        #expect(decide(server, .requireTwoFactor(false)).label == "ok", "the last resort")
    }

    @Test("Nobody gives what they lack")
    func exceeds() {
        let manager = Admin.actor(Admin.user(21), Permissions(accounts: .view, devices: .view, setup: .manage))
        #expect(decide(Admin.state(manager), .createUser(Admin.newUser())).label == "ok")
        let strong = Admin.newUser(roles: [Admin.role.id, Admin.strongRole.id])
        #expect(decide(Admin.state(manager), .createUser(strong)).label == "exceedsOwnPermissions")
        #expect(decide(Admin.state(manager), .createUser(Admin.newUser(admin: true))).label == "accessDenied")
        var agentless = manager
        agentless.permissions.agent = false
        #expect(decide(Admin.state(agentless), .createUser(Admin.newUser(roles: []))).label == "exceedsOwnPermissions")
        #expect(decide(Admin.state(admin), .createUser(strong)).label == "ok")
    }

    @Test("A role that is not there is not found")
    func unknownRole() {
        let id = Admin.unknownRole
        let ghost = Admin.role(12, "Ghost", Permissions())
        for event in [
            AdministrationEvent.setRoles([Admin.role.id, id]), .createUser(Admin.newUser(roles: [id])), .deleteRole(id),
            .changeRole(ghost),
        ] {
            #expect(decide(Admin.state(admin), event).label == "notFound")
        }
    }

    @Test("Disabling, password changes and ending sessions stop portal and agents at once")
    func ends() {
        #expect(
            decide(Admin.state(admin), .disableUser).effects == [
                "setEnabled", "endPortalSessions", "endAgentSessions", "endAPITokens",
            ]
        )
        #expect(
            decide(Admin.state(admin), .resetPassword(Admin.link)).effects
                == ["replacePasswordByLink", "endPortalSessions", "endAgentSessions", "endAPITokens"]
        )
        #expect(
            decide(Admin.state(nil), .setPassword(Admin.hash, mustChange: true)).effects
                == ["setPassword", "endPortalSessions", "endAgentSessions", "endAPITokens"]
        )
        #expect(
            decide(Admin.state(admin), .allowAgentSignIn(false)).effects == ["setAgentSignIn", "endAllAgentSessions"]
        )
        #expect(decide(Admin.state(admin), .allowAgentSignIn(true)).effects == ["setAgentSignIn"])
    }

    @Test("INV-9: an entry names actor, person and address; a change to oneself names no second person")
    func entries() throws {
        let entry = try #require(decide(Admin.state(admin), .enableUser).entry)
        #expect(entry.actor?.id == Admin.admin.id)
        #expect(entry.subject?.id == Admin.plain.user.id)
        #expect(entry.address == "192.0.2.7")
        let own = try #require(decide(Admin.state(admin, Admin.target(Admin.admin)), .endSessions).entry)
        #expect(own.subject == nil)
        let server = try #require(decide(Admin.state(nil), .enableUser).entry)
        #expect(server.actor == nil && server.address == "")
    }
}
