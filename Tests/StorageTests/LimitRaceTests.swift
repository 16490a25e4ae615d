import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Testing

/// Every "at most so many" that a person can fill, by sixty hands at once that come by different ways.
@Suite("At most so many, however many ask at once", .timeLimit(.minutes(2)))
struct LimitRaceTests {
    private static let hands = 60

    private struct Scene {
        let base: TestStore
        let company: TestStore.Company
        let user: User
        let queries: [SubjectQuery]

        init(_ engine: Engine) async throws {
            base = try await TestStore(engine)
            company = try await base.company()
            user = try await base.add("bo", to: company)
            let (session, attempt) = (Make.session(user), Make.attempt(user))
            try await base.apply([.insertSession(session), .insertAttempt(attempt)])
            queries = [.login(Make.login(user.login)), .session(session.digest), .attempt(attempt.digest)]
        }

        /// Hands come by the login, by a session and by a half-finished sign-in.
        func decide<Outcome: Sendable>(
            _ number: Int,
            _ rule: @escaping @Sendable (SignInState) -> Decision<Outcome>
        ) async throws -> Outcome {
            let source = RequestSource(address: "192.0.2.\(number)", throttleKey: "192.0.2.\(number)")
            let request = SubjectRequest(queries[number % queries.count], .all, throttles: [], source: source)
            return try await base.store.decide(request, at: TestStore.start + Int64(number), rule)
        }
    }

    /// How many of sixty say that they did it.
    private func count(_ body: @escaping @Sendable (Int) async throws -> Bool) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<Self.hands { group.addTask { try await body(number) } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    @Test("A login is known in ten browsers", arguments: Engine.allCases)
    func browsers(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let user = scene.user.id
        _ = try await count { number in
            try await scene.decide(number) { state in
                Decision(true, [.knowBrowser(user, Make.digest(.knownBrowser), at: TestStore.start)])
            }
        }
        #expect(try await scene.base.count("SELECT count(*) FROM known_browser") == Int64(KnownBrowser.maximum))
    }

    @Test("A login has fifty half-finished sign-ins", arguments: Engine.allCases)
    func attempts(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let user = scene.user
        // The one by which some come stays as long as nothing pushes it out: they come by the other two.
        _ = try await count { number in
            let place = number % 2
            let source = RequestSource(address: "", throttleKey: nil)
            let request = SubjectRequest(scene.queries[place], [], throttles: [], source: source)
            return try await scene.base.store.decide(request, at: TestStore.start + Int64(number)) { _ in
                Decision(true, [.insertAttempt(Make.attempt(user))])
            }
        }
        #expect(try await scene.base.count("SELECT count(*) FROM sign_in_attempt") == 50)
    }

    @Test("A person has eight authenticators", arguments: Engine.allCases)
    func authenticators(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let user = scene.user.id
        let added = try await count { number in
            let phone = try Make.authenticator(name: "Phone \(number)")
            return try await scene.decide(number) { state in
                guard let subject = state.subject, subject.authenticators.count < Authenticator.maximumPerUser else {
                    return Decision(false)
                }
                return Decision(true, [.insertAuthenticator(user, phone)])
            }
        }
        #expect(added == Authenticator.maximumPerUser)
        #expect(try await scene.base.subject(scene.user).authenticators.count == Authenticator.maximumPerUser)
    }

    @Test("An application has a hundred rules for paths", arguments: Engine.allCases)
    func rules(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let id = scene.application.id
        let add = { @Sendable (number: Int) async throws -> Bool in
            let path = try #require(RequestPath(stored: "/closed/\(number)"))
            let rule = PathRule(id: PathRule.ID(random: Make.random), path: path, match: .prefix, action: .deny)
            return try await scene.change(id, .addRule(rule)).isAccepted
        }
        for number in 0..<70 { #expect(try await add(number)) }
        #expect(try await count { try await add(70 + $0) } == 30)
        #expect(try await scene.base.count("SELECT count(*) FROM application_rule") == 100)
    }
}
