import Accounts
import Secrets
import SignIn
import Storage
import Testing

@Suite("Lists", .timeLimit(.minutes(2)))
struct DirectoryTests {
    @Test("People come fifty a page in the order of their logins, each once", arguments: Engine.allCases)
    func paging(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        for number in 100..<219 { try await test.add("user\(number)", to: company) }
        var logins: [String] = []
        for (page, count) in [(1, 50), (2, 50), (3, 20), (4, 0)] {
            let answer = try await test.store.users(company.account.id, UserQuery(page: page))
            #expect(answer.total == 120)
            #expect(answer.items.count == count)
            logins += answer.items.map(\.user.login)
        }
        #expect(logins == logins.sorted())
        #expect(Set(logins).count == 120)
        // A page before the first is the first.
        let before = try await test.store.users(company.account.id, UserQuery(page: -3))
        #expect(before.items.map(\.user.login) == Array(logins.prefix(50)))
    }

    @Test("Each filter finds its people and counts as many (S-12)", arguments: UserFilter.allCases, Engine.allCases)
    func filters(filter: UserFilter, engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let configured = try await test.add("configured", to: company)
        try await test.apply([.insertAuthenticator(configured.id, try Make.authenticator())])
        let (_, link) = Make.link(.invitation, lasting: 3_600)
        try await test.add("invited", to: company, credential: .invitation(link))
        let disabled = try await test.add("disabled", to: company, isAccountAdmin: true)
        try await test.administer(company.account.id, disabled.id, .disableUser)
        // Waits for a link as well, and has had a password.
        let reset = try await test.add("reset", to: company)
        let (_, resetLink) = Make.link(.passwordReset, lasting: 60)
        try await test.administer(company.account.id, reset.id, .resetPassword(resetLink))
        _ = try await test.company("other")

        let expected: [UserFilter: Set<String>] = [
            .all: ["ana@acme", "configured", "invited", "disabled", "reset"],
            .configured: ["configured"],
            .unconfigured: ["ana@acme", "invited", "disabled", "reset"],
            .admins: ["ana@acme", "disabled"],
            .disabled: ["disabled"],
            .invited: ["invited"],
        ]
        let found = try await test.store.users(company.account.id, UserQuery(filter: filter))
        #expect(Set(found.items.map(\.user.login)) == expected[filter])
        #expect(try await test.store.userCounts(company.account.id)[filter] == expected[filter]?.count)
        // A disabled admin does not count as one who can help.
        #expect(try await test.store.readiness(company.account.id).enabledAdmins == 1)
    }

    struct Search: Sendable, CustomTestStringConvertible {
        let text: String
        let found: Set<String>
        var testDescription: String { text }

        static let all = [
            Search(text: "o%o", found: ["bo%olean"]),
            Search(text: "_", found: ["under_score"]),
            Search(text: "!", found: ["bang!"]),
            Search(text: "!%", found: []),
            Search(text: "%", found: ["bo%olean"]),
            Search(text: "\\", found: []),
            Search(text: "'", found: ["o'neill"]),
            Search(text: "O'NEILL", found: ["o'neill"]),
            Search(text: "ANA@", found: ["ana@acme"]),
            Search(text: "émile", found: ["bang!"]),
            Search(text: "Émile Zola", found: ["bang!"]),
            Search(text: "' OR 1 = 1 --", found: []),
        ]
    }

    @Test(
        "A search takes every sign as it is and no case, in names of any script",
        arguments: Search.all,
        Engine.allCases
    )
    func search(search: Search, engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        for login in ["bo%olean", "under_score", "o'neill"] { try await test.add(login, to: company) }
        try await test.add("bang!", to: company, name: "Émile Zola")
        let answer = try await test.store.users(company.account.id, UserQuery(text: search.text))
        #expect(Set(answer.items.map(\.user.login)) == search.found)
        #expect(answer.total == search.found.count)
    }

    @Test(
        "The log is read newest first, by person, by time and by words, and of one account alone",
        arguments: Engine.allCases
    )
    func activity(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let account = company.account.id
        _ = try await test.company("other")
        let bo = try await test.add("bo", to: company, name: "Bo 100%")
        for second in 0..<60 {
            let entry = ActivityEntry(
                .signedIn,
                accountID: account,
                actor: ActivityPerson(bo),
                address: "192.0.2.\(second)",
                parameters: [ActivityParameter("method", "a \"quoted\" = value")]
            )
            try await test.apply([], entries: [entry], at: TestStore.start + Int64(1_000 + second))
        }
        let all = try await test.store.activity(account, ActivityQuery())
        #expect(all.total == 62)
        #expect(all.items.count == 50)
        #expect(all.items.map(\.number) == all.items.map(\.number).sorted(by: >))
        #expect(all.items.first?.parameters == [ActivityParameter("method", "a \"quoted\" = value")])
        #expect(try await test.entries(account, ActivityQuery(page: 2)).count == 12)

        #expect(try await test.store.activity(account, ActivityQuery(userID: bo.id)).total == 61)
        #expect(try await test.store.activity(account, ActivityQuery(text: "100%")).total == 61)
        #expect(try await test.store.activity(account, ActivityQuery(text: "192.0.2.5")).total == 11)
        #expect(try await test.store.activity(account, ActivityQuery(text: "%")).total == 61)
        // The file reads on from the last entry that it has seen, whatever comes meanwhile.
        var numbers: [Int64] = []
        while true {
            let next = try await test.store.activity(account, ActivityQuery(), before: numbers.last, limit: 25)
            guard !next.isEmpty else { break }
            numbers += next.map(\.number)
            let late = ActivityEntry(.signedOut, accountID: account, actor: ActivityPerson(bo))
            try await test.apply([], entries: [late], at: TestStore.start + 5_000)
        }
        #expect(numbers.count == 62)
        #expect(numbers == numbers.sorted(by: >) && numbers.first == all.items.first?.number)

        let span = ActivityQuery(from: TestStore.start + 1_010, until: TestStore.start + 1_020)
        #expect(try await test.store.activity(account, span).total == 10)
    }
}
