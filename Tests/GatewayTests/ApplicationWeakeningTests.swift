import Accounts
import Gateway
import Secrets
import Testing

@Suite("What lowers an application")
struct ApplicationWeakeningTests {
    private static let first = Role.ID(random: Make.random)
    private static let second = Role.ID(random: Make.random)
    private static let old: Application = {
        var application = Make.application(audience: .roles([first]), sessionHours: 8)
        application.headers = .standard
        return application
    }()

    /// Each thing that an application has, changed to more and to less.
    private static let all: [(name: String, weakens: Bool, change: @Sendable (inout Application) -> Void)] = [
        ("nothing", false, { _ in }),
        ("another name", false, { $0.name = "Graphs" }),
        ("another address", true, { $0.origin = Origin("https://other.example.com") ?? $0.origin }),
        ("another port", true, { $0.origin = Origin("https://grafana.example.com:8443") ?? $0.origin }),
        ("less assurance", true, { $0.assurance = .password }),
        ("everybody", true, { $0.audience = .everybody }),
        ("another role", true, { $0.audience = .roles([second]) }),
        ("one role more", true, { $0.audience = .roles([first, second]) }),
        ("no role", false, { $0.audience = .roles([]) }),
        ("longer sessions", true, { $0.sessionHours = 9 }),
        ("sessions without an end", true, { $0.sessionHours = nil }),
        ("shorter sessions", false, { $0.sessionHours = 7 }),
        ("paths as they come", true, { $0.allowsEncodedPaths = true }),
        (
            "another header", true,
            {
                $0.headers =
                    IdentityHeaderNames(user: "X-User", name: "X-Name", email: "X-Mail", groups: "X-Groups")
                    ?? $0.headers
            }
        ),
    ]

    @Test(
        "is each change by which somebody may get in who could not, or come as somebody else",
        arguments: all.indices
    )
    func weakens(index: Int) {
        let (name, isWeaker, change) = Self.all[index]
        var new = Self.old
        change(&new)
        #expect(ApplicationEvent.change(new).weakensOrGrants(over: Self.old) == isWeaker, "\(name)")
    }

    @Test("and, for one that nobody has seen, every change")
    func unknown() {
        #expect(ApplicationEvent.change(Self.old).weakensOrGrants(over: nil))
    }
}
