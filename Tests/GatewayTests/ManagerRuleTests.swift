import Accounts
import Gateway
import Secrets
import SignIn
import Testing

@Suite("What a manager of applications may do")
struct ManagerRuleTests {
    private let own = Role(
        id: Role.ID(random: Make.random),
        accountID: Make.account.id,
        name: "Own",
        permissions: Permissions(applications: .manage)
    )
    private let other = Role(
        id: Role.ID(random: Make.random),
        accountID: Make.account.id,
        name: "Other",
        permissions: Permissions()
    )

    private func label(
        _ event: ApplicationEvent,
        isAdmin: Bool,
        over old: Application? = nil,
        host: HostClaims = HostClaims()
    ) -> String {
        let actor = ActingUser(
            user: Make.user(isAdmin: isAdmin),
            permissions: isAdmin ? .accountAdmin : own.permissions,
            roleIDs: isAdmin ? [] : [own.id],
            hasTwoFactor: true,
            passedTwoFactor: true,
            proof: .secondFactor,
            address: ""
        )
        var state = ApplicationState(account: Make.account, actor: actor, application: old, roles: [own, other])
        state.host = host
        state.portalOrigin = Origin("https://portal.example.com")
        return switch ApplicationRules.decide(state, event) {
        case .accepted: "ok"
        case .needsProof: "needs proof"
        case .refused(let refusal): "\(refusal)"
        }
    }

    private func application(_ change: (inout Application) -> Void = { _ in }) -> Application {
        var application = Make.application([Make.rule("/closed", .prefix, .deny)], audience: .roles([own.id]))
        change(&application)
        return application
    }

    @Test("They make applications that ask for two-factor, for roles of their own, with the ordinary headers")
    func creates() {
        let header = IdentityHeaderNames(user: "X-User", name: "X-Name", email: "X-Mail", groups: "X-Groups")!
        let rows: [(String, (inout Application) -> Void)] = [
            ("ok", { _ in }), ("ok", { $0.sessionHours = 8 }), ("accountAdminsOnly", { $0.assurance = .password }),
            ("accountAdminsOnly", { $0.headers = header }), ("accountAdminsOnly", { $0.allowsEncodedPaths = true }),
            ("beyondOwnRoles", { $0.audience = .everybody }),
            ("beyondOwnRoles", { $0.audience = .roles([own.id, other.id]) }),
            ("beyondOwnRoles", { $0.audience = .roles([other.id]) }), ("beyondOwnRoles", { $0.audience = .roles([]) }),
        ]
        for (expected, change) in rows {
            var new = application(change)
            new.rules = []
            #expect(label(.create(new), isAdmin: false) == expected)
            #expect(label(.create(new), isAdmin: true) == "ok")
        }
    }

    @Test("They make none on a host that has an application or had one, nor beside the portal")
    func hosts() {
        var new = application()
        new.rules = []
        let mine = HostClaims(usedBy: [Make.account.id])
        var former = HostClaims()
        former.wasUsed = true
        for host in [mine, former] {
            #expect(label(.create(new), isAdmin: false, host: host) == "hostNotNew")
            #expect(label(.create(new), isAdmin: true, host: host) == "ok")
        }
        new.origin = Origin("https://portal.example.com:8443")!
        #expect(label(.create(new), isAdmin: false) == "hostNotNew")
    }

    @Test("Of one that is there they change the name and nothing else, and close paths")
    func changes() {
        let header = IdentityHeaderNames(user: "X-User", name: "X-Name", email: "X-Mail", groups: "X-Groups")!
        let old = application()
        let changes: [(String, (inout Application) -> Void)] = [
            ("ok", { $0.name = "Renamed" }), ("accountAdminsOnly", { $0.origin = Origin("https://x.example.com")! }),
            ("accountAdminsOnly", { $0.assurance = .password }), ("accountAdminsOnly", { $0.headers = header }),
            ("accountAdminsOnly", { $0.sessionHours = 1 }), ("accountAdminsOnly", { $0.audience = .everybody }),
            ("accountAdminsOnly", { $0.audience = .roles([other.id]) }),
        ]
        for (expected, change) in changes {
            var new = old
            change(&new)
            #expect(label(.change(new), isAdmin: false, over: old) == expected)
            #expect(label(.change(new), isAdmin: true, over: old) == "ok")
        }
        for (action, expected) in [
            (PathRule.Action.deny, "ok"), (.twoFactor, "accountAdminsOnly"), (.password, "accountAdminsOnly"),
            (.allow, "accountAdminsOnly"), (.apiToken, "accountAdminsOnly"),
        ] {
            let event = ApplicationEvent.addRule(Make.rule("/x", .prefix, action))
            #expect(label(event, isAdmin: false, over: old) == expected, "\(action)")
            #expect(label(event, isAdmin: true, over: old) == "ok")
        }
        // A reserve is left for Account Admins, who alone can take rules away.
        var full = old
        full.rules = (0..<ApplicationRules.maximumManagersRules).map { Make.rule("/p\($0)", .exact, .deny) }
        let another = ApplicationEvent.addRule(Make.rule("/x", .prefix, .deny))
        #expect(label(another, isAdmin: false, over: full) == "tooManyRules")
        #expect(label(another, isAdmin: true, over: full) == "ok")
        for event in [ApplicationEvent.delete, .removeRule(old.rules[0].id)] {
            #expect(label(event, isAdmin: false, over: old) == "accountAdminsOnly")
            #expect(label(event, isAdmin: true, over: old) == "ok")
        }
    }

    @Test("A changed address ends the sessions and tickets of the old one")
    func moved() {
        let old = application()
        var new = old
        new.origin = Origin("https://x.example.com")!
        for (to, ends) in [(new, true), (old, false)] {
            let state = ApplicationState(account: Make.account, actor: nil, application: old, roles: [own, other])
            guard case .accepted(let effects, _) = ApplicationRules.decide(state, .change(to)) else {
                Issue.record("refused")
                return
            }
            let isEnding = effects.contains { if case .endSessions(old.id) = $0 { true } else { false } }
            #expect(isEnding == ends)
        }
    }

    @Test(
        "A header's name must not say that it carries another value",
        arguments: [
            ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", false),
            ("X-WEBAUTH-USER", "X-WEBAUTH-NAME", "X-WEBAUTH-EMAIL", "X-WEBAUTH-ROLES", false),
            ("X-Who", "X-Called", "X-Reach", "X-Teams", false),
            ("Preferred-Username", "Full-Name", "Mail", "Role", false),
            ("User-Name", "Nickname", "X-Usermail", "X-User-Groups", false),
            ("X-Who", "Remote-User", "Remote-Email", "Remote-Groups", true),
            ("X-Who", "X-Username", "Remote-Email", "Remote-Groups", true),
            ("X-Who", "Remote-Name", "X-Auth-Login", "Remote-Groups", true),
            ("X-Who", "Remote-Email", "X-Mailbox", "Remote-Groups", true),
            ("X-Who", "Remote-Name", "Remote-Email", "REMOTEUSER", true),
            ("X-Who", "User-Name", "Remote-Email", "Remote-Groups", true),
            ("Remote-Email", "Remote-Name", "X-Reach", "Remote-Groups", true),
            ("Remote-User", "X-Roles", "Remote-Email", "X-Teams", true),
            ("X-Who", "X-MS-CLIENT-PRINCIPAL-NAME", "Remote-Email", "Remote-Groups", true),
            ("X-Who", "X-Auth-User-Header", "Remote-Email", "Remote-Groups", true),
            ("X-Who", "X-Username-1", "Remote-Email", "Remote-Groups", true),
            ("X-Who", "X-Emailaddress", "X-Reach", "Remote-Groups", true),
            ("X-Who", "X-Groups-List", "X-Reach", "X-Teams", true), ("X-Who", "X-Memberof", "X-Reach", "X-Teams", true),
            ("X-Who", "Remote-Name", "X-User-Login-Id2", "Remote-Groups", true),
            ("X-Who", "X-Called", "Remote-Name", "X-Teams", true), ("X-Who", "X-Called", "X-Reach", "X-Name", true),
            ("X-Who", "X-Sub", "X-Reach", "X-Teams", true), ("X-Who", "X-Usr", "X-Reach", "X-Teams", true),
            ("X-Sub", "X-Nick", "X-Mail", "X-Role", false),
            ("X-Who", "X-User-Displayname", "X-User-Email", "X-User-Roles", false),
        ]
    )
    func headers(user: String, name: String, email: String, groups: String, isMisleading: Bool) throws {
        let names = try #require(IdentityHeaderNames(user: user, name: name, email: email, groups: groups))
        #expect(names.isMisleading == isMisleading)
        let new = application { $0.headers = names }
        let expected = isMisleading ? "misleadingHeader" : "ok"
        #expect(label(.change(new), isAdmin: true, over: application { $0.id = new.id }) == expected)
        #expect(label(.change(new), isAdmin: true, over: new) == "ok", "what is there stays until it is changed")
    }
}
