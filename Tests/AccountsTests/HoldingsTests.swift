import Accounts
import Secrets
import Testing

@Suite("What one has, as one value")
struct HoldingsTests {
    /// A role without a tab that opens an application.
    private static let key = Admin.role(62, "Grafana", Permissions())
    private static let plain = Admin.role(63, "Plain", Permissions())

    private func state(_ actor: ActingUser, target: TargetUser? = Admin.plain) -> AdministrationState {
        var state = Admin.state(actor, target)
        state.roles += [Self.key, Self.plain]
        state.keys = [Self.key.id, Admin.strongRole.id]
        return state
    }

    private func manager(_ roles: Set<Role.ID>) -> ActingUser {
        var actor = Admin.actor(Admin.user(21), Permissions(accounts: .view, setup: .manage))
        actor.roleIDs = roles
        return actor
    }

    @Test("More is more in every part: a tab, a role that opens an application, the admin's right")
    func order() {
        let some = Holdings(permissions: Permissions(accounts: .view), keys: [Self.key.id])
        let admin = Holdings(permissions: .accountAdmin, keys: [], isAccountAdmin: true)
        #expect(some.cover(some) && admin.cover(some) && admin.cover(admin))
        #expect(!some.cover(admin))
        #expect(!some.cover(Holdings(permissions: Permissions(accounts: .manage), keys: [])))
        #expect(!some.cover(Holdings(permissions: Permissions(), keys: [Self.plain.id])))
        #expect(some.cover(Holdings(permissions: Permissions(), keys: [])))
    }

    @Test("Nobody invites into an application that they lack, by a role without a tab either")
    func inviting() {
        let event = AdministrationEvent.createUser(Admin.newUser(roles: [Self.key.id]))
        #expect(AdministrationRules.decide(state(manager([])), event).label == "exceedsOwnPermissions")
        #expect(AdministrationRules.decide(state(manager([Self.key.id])), event).label == "ok")
        #expect(AdministrationRules.decide(state(Admin.actor(Admin.admin)), event).label == "ok")
        let plain = AdministrationEvent.createUser(Admin.newUser(roles: [Self.plain.id]))
        #expect(AdministrationRules.decide(state(manager([])), plain).label == "ok")
    }

    @Test("Nobody enables a login that has more than they")
    func enabling() {
        for (roles, expected) in [
            ([], "ok"), ([Self.plain.id], "ok"), ([Self.key.id], "exceedsOwnPermissions"),
            ([Admin.strongRole.id], "exceedsOwnPermissions"), ([Admin.unknownRole], "exceedsOwnPermissions"),
        ] as [([Role.ID], String)] {
            var target = Admin.plain
            target.roleIDs = roles
            let decided = AdministrationRules.decide(state(manager([Self.plain.id]), target: target), .enableUser)
            #expect(decided.label == expected)
            let byAdmin = AdministrationRules.decide(state(Admin.actor(Admin.admin), target: target), .enableUser)
            #expect(byAdmin.label == "ok")
        }
    }

    @Test("A login that opened applications is nobody else's, but for the server's command line")
    func reserved() {
        let event = AdministrationEvent.createUser(Admin.newUser())
        for actor in [Admin.actor(Admin.admin), manager([])] {
            var state = state(actor)
            state.actor?.permissions = .accountAdmin
            state.isLoginReserved = true
            #expect(AdministrationRules.decide(state, event).label == "loginReserved")
        }
        var server = Admin.state(nil)
        server.isLoginReserved = true
        #expect(AdministrationRules.decide(server, event).label == "ok")
    }

    @Test("The log tells a refusal by its name, and nothing of what a form can be mistyped to")
    func told() throws {
        let state = state(Admin.actor(Admin.admin))
        for refusal in [AdministrationRefusal.lastAdmin, .exceedsOwnPermissions, .twoFactorRequired] {
            let entry = AdministrationRules.refusalEntry(state, .deleteUser, refusal, at: UnixTime(seconds: 60))
            #expect(entry?.parameters.last == ActivityParameter("reason", refusal.rawValue))
        }
        for refusal in [AdministrationRefusal.loginTaken, .loginReserved, .roleNameTaken, .sessionEnded] {
            #expect(AdministrationRules.refusalEntry(state, .deleteUser, refusal, at: UnixTime(seconds: 60)) == nil)
        }
    }
}
