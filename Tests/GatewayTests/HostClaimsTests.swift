import Accounts
import Gateway
import Secrets
import SignIn
import Testing

@Suite("Whose host names are whose")
struct HostClaimsTests {
    private let mine = Account.ID(random: Make.random)
    private let other = Account.ID(random: Make.random)

    @Test(
        "A pattern is a host name or all names under a domain, without port and path",
        arguments: [
            ("Grafana.Example.com", "grafana.example.com"), ("grafana.example.com.", "grafana.example.com"),
            ("*.Example.com", "*.example.com"), ("nas1", "nas1"), ("a_b.example", "a_b.example"),
            ("*.localhost", "*.localhost"),
            ("", nil), ("*", nil), ("*.", nil), ("*.*.example.com", nil), ("a.example:443", nil),
            ("https://a.example", nil),
            ("a.example/x", nil), ("a b", nil), ("*a.example", nil), ("a..b", nil), ("-a.example", nil),
            ("b@a.example", nil),
        ] as [(String, String?)]
    )
    func patterns(_ typed: String, _ text: String?) {
        #expect(HostPattern(typed)?.text == text)
    }

    @Test("The most specific pattern is looked at first, and a domain does not cover its own name")
    func covering() {
        #expect(HostPattern.covering("a.b.example") == ["a.b.example", "*.b.example", "*.example"])
        #expect(HostPattern.covering("nas1") == ["nas1"])
    }

    @Test("Alone an account needs no grant; beside others it does, and never gets another's host")
    func claims() {
        #expect(HostClaims().allows(mine))
        #expect(!HostClaims(isOnlyAccount: false).allows(mine))
        #expect(HostClaims(grantedTo: mine, isOnlyAccount: false).allows(mine))
        #expect(!HostClaims(grantedTo: other, isOnlyAccount: false).allows(mine))
        #expect(HostClaims(usedBy: [mine], isOnlyAccount: false).allows(mine), "what is there counts as granted")
        #expect(HostClaims(grantedTo: other, usedBy: [mine], isOnlyAccount: false).allows(mine))
        #expect(!HostClaims(grantedTo: mine, usedBy: [other], isOnlyAccount: false).allows(mine))
        #expect(!HostClaims(usedBy: [mine, other], isOnlyAccount: false).allows(mine))
    }

    @Test("The rule asks for a new host alone, tells a person of no other account, and leaves the operator free")
    func rule() {
        var application = Make.application()
        let actor = ActingUser(
            user: Make.user(isAdmin: true),
            permissions: Permissions(applications: .manage),
            hasTwoFactor: true,
            passedTwoFactor: true,
            proof: .secondFactor,
            address: ""
        )
        func refusal(_ event: ApplicationEvent, _ actor: ActingUser?, old: Application? = nil) -> ApplicationRefusal? {
            var state = ApplicationState(account: Make.account, actor: actor, application: old)
            state.host = HostClaims(grantedTo: other, usedBy: [other], isOnlyAccount: false)
            state.originOwner = old == nil ? Application.ID(random: Make.random) : nil
            guard case .refused(let refusal) = ApplicationRules.decide(state, event) else { return nil }
            return refusal
        }
        #expect(refusal(.create(application), actor) == .originNotGranted)
        #expect(refusal(.create(application), nil) == .originTaken)
        let old = application
        application.name = "Renamed"
        #expect(refusal(.change(application), actor, old: old) == nil)
        application.origin = Origin("https://elsewhere.example.com")!
        #expect(refusal(.change(application), actor, old: old) == .originNotGranted)
    }
}
