import Accounts
import Secrets
import Testing

@Suite("A fresh proof before what weakens or grants")
struct FreshProofTests {
    /// Every kind of event, and whether it weakens or grants.
    static let events: [(name: String, event: AdministrationEvent, weakens: Bool)] = [
        ("require on", .requireTwoFactor(true), false), ("require off", .requireTwoFactor(false), true),
        ("agents on", .allowAgentSignIn(true), true), ("agents off", .allowAgentSignIn(false), false),
        ("same limits", .limitSessions(.standard), false), ("shorter", limits(30, 6), false),
        ("longer idle", limits(90, 6), true), ("longer life", limits(30, 24), true),
        ("account", .changeAccount(name: "New", email: "", timeZone: "UTC"), false),
        ("create", .createUser(Admin.newUser()), true), ("create admin", .createUser(Admin.newUser(admin: true)), true),
        ("create without roles", .createUser(Admin.newUser(roles: [])), true),
        ("disable", .disableUser, false), ("enable", .enableUser, true), ("delete", .deleteUser, false),
        ("roles", .setRoles([Admin.role.id]), true), ("no roles", .setRoles([]), true),
        ("grant", .grantAdmin, true), ("revoke", .revokeAdmin, true),
        ("reset two-factor", .resetTwoFactor(reason: "lost"), true),
        ("reset password", .resetPassword(Admin.link), true),
        ("end sessions", .endSessions, false), ("create role", .createRole(Admin.newRole), true),
        ("change role", .changeRole(Admin.role), true), ("delete role", .deleteRole(Admin.role.id), true),
    ]

    private static func limits(_ idle: Int, _ hours: Int) -> AdministrationEvent {
        .limitSessions(SessionLimits(idleMinutes: idle, lifetimeHours: hours)!)
    }

    @Test(
        "Whoever has a factor needs it, others need their password, and only for what weakens or grants",
        arguments: events.indices
    )
    func needed(index: Int) {
        let (name, event, weakens) = Self.events[index]
        for hasTwoFactor in [true, false] {
            for proof in [FreshProof.none, .password, .secondFactor] {
                let actor = Admin.actor(Admin.admin, hasTwoFactor: hasTwoFactor, passed: hasTwoFactor, proof: proof)
                let decision = AdministrationRules.decide(Admin.state(actor), event)
                if !hasTwoFactor, name.hasPrefix("require") {
                    #expect(decision.label == "configureOwnFirst")
                    continue
                }
                let isProven = proof == .secondFactor || (proof == .password && !hasTwoFactor)
                #expect(decision.label == (weakens && !isProven ? "needs proof" : "ok"), "\(name), \(proof)")
            }
        }
    }

    @Test("The server's command line proves nothing: it is the last resort", arguments: events.indices)
    func server(index: Int) {
        let decision = AdministrationRules.decide(Admin.state(nil), Self.events[index].event)
        #expect(decision.label == "ok")
    }

    @Test("A proof is asked for after every other refusal", arguments: AdministrationMatrixTests.Who.allCases)
    func last(who: AdministrationMatrixTests.Who) {
        let targets: [(TargetUser?, Int)] = [
            (Admin.plain, 1), (Admin.otherAdmin, 1), (Admin.otherAdmin, 0), (nil, 1), (Admin.target(Admin.admin), 0),
            (Admin.target(Admin.user(50, in: Admin.foreignID)), 1),
        ]
        let rows = AdministrationMatrixTests.accountRows + AdministrationMatrixTests.userRows
        let events = rows.map(\.event) + [.setRoles([Admin.unknownRole]), .deleteRole(Admin.unknownRole)]
        for (target, others) in targets {
            for event in events {
                let state = Admin.state(who.actor, target, others: others)
                var stale = state
                stale.actor?.proof = .none
                let (fresh, old) = (AdministrationRules.decide(state, event), AdministrationRules.decide(stale, event))
                if fresh.label == "ok" {
                    #expect(old.label == "needs proof" || !event.weakensOrGrants(in: Admin.account) || who == .server)
                } else {
                    #expect(old.label == fresh.label, "\(event)")
                }
            }
        }
    }

    @Test("A name that is taken is refused before a proof is asked for")
    func taken() {
        let actor = Admin.actor(Admin.admin, proof: FreshProof.none)
        var renamed = Admin.role
        renamed.name = Admin.strongRole.name
        for event in [AdministrationEvent.createRole(renamed), .changeRole(renamed)] {
            #expect(AdministrationRules.decide(Admin.state(actor), event).label == "roleNameTaken")
        }
        var state = Admin.state(actor)
        state.isLoginTaken = true
        #expect(AdministrationRules.decide(state, .createUser(Admin.newUser())).label == "loginTaken")
    }

    @Test("What waits for a proof says all that would be given, and refusing it writes no entry")
    func named() throws {
        let actor = Admin.actor(Admin.admin, proof: FreshProof.none)
        var role = Admin.strongRole
        role.name = "Interns"
        let event = AdministrationEvent.changeRole(role)
        let decision = AdministrationRules.decide(Admin.state(actor), event)
        guard case .needsProof(let entry) = decision else {
            Issue.record("\(decision.label)")
            return
        }
        #expect(
            entry.parameters.map(\.name) == [
                "role", "new name", "accounts", "devices", "applications", "setup", "agents",
            ]
        )
        #expect(
            entry.parameters.map(\.value) == ["Operators", "Interns", "Manage", "Manage", "Hidden", "Hidden", "On"]
        )
    }
}
