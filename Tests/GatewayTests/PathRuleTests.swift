import Gateway
import Testing

@Suite("Rules for paths")
struct PathRuleTests {
    private static let rules = [
        Make.rule("/public", .prefix, .allow), Make.rule("/public/private", .prefix, .deny),
        Make.rule("/admin", .prefix, .deny), Make.rule("/api", .prefix, .apiToken),
        Make.rule("/status", .exact, .allow),
        Make.rule("/notes", .prefix, .password), Make.rule("/notes/secret", .exact, .twoFactor),
    ]

    private func need(_ target: String, assurance: Assurance = .twoFactor) throws -> PathRequirement.Need {
        try AccessRules.requirement(target, in: Make.application(Self.rules, assurance: assurance)).get().need
    }

    @Test(
        "The rule that says most about a path holds",
        arguments: [
            ("/", PathRequirement.Need.session(.twoFactor)), ("/public", .nothing), ("/public/", .nothing),
            ("/public/a/b.css", .nothing), ("/publicity", .session(.twoFactor)), ("/public/private", .refusal),
            ("/public/private/x", .refusal), ("/public/privateer", .nothing), ("/admin", .refusal),
            ("/admin/users", .refusal), ("/administrator", .session(.twoFactor)),
            ("/api/v1", .sessionOrToken(.twoFactor)),
            ("/status", .nothing), ("/status/x", .session(.twoFactor)), ("/notes/a", .session(.password)),
            ("/notes/secret", .session(.twoFactor)), ("/notes/secret/x", .session(.password)),
        ]
    )
    func best(_ target: String, _ need: PathRequirement.Need) throws {
        #expect(try self.need(target) == need)
    }

    @Test(
        "No spelling gets past what restricts",
        arguments: [
            "/Admin", "/ADMIN/x", "//admin", "/admin//", "/%61dmin", "/adm%69n/", "/public/%50rivate",
            "/public/PRIVATE/x", "//host/admin", "//a//b/admin/x", "//x//y//z/admin", "/%F0%9D%90%9Admin",
            "///host/admin/x", "//public/admin", "/admin/%CC%81x",

            "/%EF%BD%81dmin", "/ADM%C4%B1N/x",
        ]
    )
    func restricts(_ target: String) throws {
        #expect(try need(target) == .refusal)
    }

    @Test(
        "What opens holds for the spelling that was written, and no query opens anything",
        arguments: [
            "/PUBLIC", "/Public/x", "/Status", "/status/", "/x?/public/", "/x?a=/../public", "/notes?/public",
            "//public", "//public/x", "/public//x", "/%70ublic", "/public/%78", "//host/public/x", "/public/x%2By",
            "/x?\u{301}/public",
        ]
    )
    func opensExactly(_ target: String) throws {
        #expect(try need(target) != .nothing)
    }

    @Test(
        "Blanks and letters beyond ASCII cannot be sent otherwise than percent-encoded",
        arguments: ["/public/My%20File", "/public/caf%C3%A9", "/public/%e3%81%82%20b.css", "/public/a+b?x=%2f..;"]
    )
    func opensEncoded(_ target: String) throws {
        #expect(try need(target) == .nothing)
    }

    @Test(
        "Dot segments are refused where an application has rules",
        arguments: ["/closed/../x", "/public/%2e%2e/x", "/./x"]
    )
    func dots(_ target: String) {
        #expect(throws: PathProblem.dotSegment) {
            try AccessRules.requirement(target, in: Make.application(Self.rules)).get()
        }
        #expect(throws: Never.self) { try AccessRules.requirement(target, in: Make.application()).get() }
    }

    @Test("A rule opens what another one closes, not only what the application closes")
    func opensWithin() throws {
        let rules = [
            Make.rule("/admin", .prefix, .deny), Make.rule("/admin/help", .prefix, .twoFactor),
            Make.rule("/secure", .prefix, .twoFactor), Make.rule("/secure/notes", .exact, .password),
            Make.rule("/secure/api", .prefix, .apiToken), Make.rule("/open", .prefix, .allow),
            Make.rule("/open/inner", .prefix, .password),
        ]
        func need(_ target: String) throws -> PathRequirement.Need {
            try AccessRules.requirement(target, in: Make.application(rules, assurance: .password)).get().need
        }
        #expect(try need("/admin/help/x") == .session(.twoFactor))
        for spelling in [
            "/Admin/help", "/admin//help", "/admin/hel%70", "//admin/help", "//x/admin/help", "/admin/HELP/x",
        ] {
            #expect(try need(spelling) == .refusal, "\(spelling)")
        }
        #expect(try need("/secure/notes") == .session(.password))
        for spelling in ["/secure/Notes", "/secure/notes/", "/secure//notes", "/secure/%6eotes", "/secure/API/x"] {
            #expect(try need(spelling) == .session(.twoFactor), "\(spelling)")
        }
        // Whether a token will do and how strongly somebody signed in are two things: neither lowers the other.
        let mixed = Make.application([
            Make.rule("/", .prefix, .apiToken), Make.rule("/x", .prefix, .password),
            Make.rule("/x/t", .prefix, .apiToken),
        ])
        func mixedNeed(_ target: String) throws -> PathRequirement.Need {
            try AccessRules.requirement(target, in: mixed).get().need
        }
        #expect(try mixedNeed("/y") == .sessionOrToken(.twoFactor) && mixedNeed("/x/a") == .session(.password))
        #expect(try mixedNeed("/X/a") == .session(.twoFactor) && mixedNeed("/x/T") == .session(.twoFactor))
        #expect(try mixedNeed("/x/t") == .sessionOrToken(.twoFactor))
        // A spelling that was opened by one rule may be another rule's, which asks for more.
        #expect(try need("/open/Inner") == .session(.password) && need("/open/x") == .nothing)
    }

    @Test("A path that cannot be read is refused before any rule is looked at")
    func unreadable() {
        for target in ["/public/..%2fadmin", "/public/..;/admin", "/public\\admin", "/%2570ublic", "/public/%00"] {
            #expect(throws: PathProblem.self) {
                try AccessRules.requirement(target, in: Make.application(Self.rules)).get()
            }
            #expect(throws: PathProblem.self) { try AccessRules.requirement(target, in: Make.application()).get() }
        }
    }

    @Test("Paths as they come are taken where the application says so and has no rules")
    func encoded() throws {
        let target = "/api/queues/%2f/jobs"
        let application = Make.application(allowsEncodedPaths: true)
        #expect(try AccessRules.requirement(target, in: application).get().need == .session(.twoFactor))
        let withRules = Make.application(Self.rules, allowsEncodedPaths: true)
        #expect(throws: PathProblem.encodedDelimiter) { try AccessRules.requirement(target, in: withRules).get() }
    }

    @Test("Of two rules for the same path the exact one holds")
    func exactFirst() throws {
        let rules = [Make.rule("/a", .prefix, .deny), Make.rule("/a", .exact, .allow)]
        let application = Make.application(rules)
        #expect(try AccessRules.requirement("/a", in: application).get().need == .nothing)
        #expect(try AccessRules.requirement("/a/b", in: application).get().need == .refusal)
        #expect(try AccessRules.requirement("/A", in: application).get().need == .refusal)
    }
}
