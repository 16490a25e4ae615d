import Accounts
import Secrets
import SignIn
import Storage
import Testing

@Suite("One-time links", .timeLimit(.minutes(2)))
struct LinkTests {
    private let later = TestStore.start + 60

    private func spend(_ test: TestStore, _ token: BearerToken, at now: UnixTime) async throws -> User? {
        try await test.store.spendLink(token.digest, hash: Make.hash(9), source: TestStore.source, at: now)
    }

    @Test("An invitation sets a password once, however many use it at the same moment", arguments: Engine.allCases)
    func spentOnce(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let (token, link) = Make.link(.invitation, lasting: OneTimeLink.invitationSeconds)
        let user = try await test.add("bo", to: company, credential: .invitation(link))
        #expect(try await test.subject(user).passwordHash == nil)
        let view = try #require(try await test.store.link(token.digest, at: later))
        #expect(view.kind == .invitation && view.user == user && view.accountName == "acme")

        let winners = try await withThrowingTaskGroup(of: User?.self) { group in
            for _ in 0..<20 { group.addTask { try await spend(test, token, at: later) } }
            return try await group.reduce(into: [User]()) { if let user = $1 { $0.append(user) } }
        }
        #expect(winners == [user])
        #expect(try await test.subject(user).passwordHash == Make.hash(9))
        #expect(try await test.store.link(token.digest, at: later) == nil)
        #expect(try await test.entries(company.account.id).count { $0.kind == .invitationAccepted } == 1)
    }

    @Test("Using a link ends what was open under the old password", arguments: Engine.allCases)
    func endsSessions(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let user = try await test.add("bo", to: company)
        let (token, link) = Make.link(.passwordReset, lasting: OneTimeLink.passwordResetSeconds)
        try await test.administer(
            company.account.id,
            user.id,
            .resetPassword(link),
            actor: try await test.actor(company.admin)
        )
        #expect(try await test.subject(user).passwordHash == nil)
        try await test.apply([
            .insertSession(Make.session(user)), .insertAttempt(Make.attempt(user)),
            .insertAgentSession(Make.agentSession(user)), .savePending(user.id, try Make.pending()),
        ])
        #expect(try await spend(test, token, at: later) == user)
        for table in ["portal_session", "sign_in_attempt", "agent_session", "pending_enrolment"] {
            let left = try await test.count("SELECT count(*) FROM \(table) WHERE person_id = $1", [user.id])
            #expect(left == 0, "\(table)")
        }
    }

    @Test("A link is good until the second before it expires", arguments: Engine.allCases)
    func expiry(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let (token, link) = Make.link(.invitation, lasting: 3_600)
        let user = try await test.add("bo", to: try await test.company(), credential: .invitation(link))
        #expect(try await test.store.link(token.digest, at: link.expiresAt - 1) != nil)
        #expect(try await test.store.link(token.digest, at: link.expiresAt) == nil)
        #expect(try await spend(test, token, at: link.expiresAt) == nil)
        #expect(try await test.subject(user).passwordHash == nil)
        #expect(try await spend(test, token, at: link.expiresAt - 1) == user)
    }

    @Test("A newer link takes the place of the older one (E06)", arguments: Engine.allCases)
    func newerLink(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let (old, first) = Make.link(.invitation, lasting: 3_600)
        let (new, second) = Make.link(.passwordReset, lasting: 3_600)
        let user = try await test.add("bo", to: company, credential: .invitation(first))
        try await test.administer(
            company.account.id,
            user.id,
            .resetPassword(second),
            actor: try await test.actor(company.admin)
        )
        #expect(try await test.store.link(old.digest, at: later) == nil)
        #expect(try await spend(test, old, at: later) == nil)
        #expect(try await spend(test, new, at: later) == user)
    }

    @Test("A disabled person's link opens nothing", arguments: Engine.allCases)
    func disabled(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let (token, link) = Make.link(.invitation, lasting: 3_600)
        let user = try await test.add("bo", to: company, credential: .invitation(link))
        try await test.administer(company.account.id, user.id, .disableUser)
        #expect(try await test.store.link(token.digest, at: later) == nil)
        #expect(try await spend(test, token, at: later) == nil)
        #expect(try await test.subject(user).passwordHash == nil)
    }

    @Test("The first run happens once: its newest link makes one account and then none", arguments: Engine.allCases)
    func firstRun(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let old = BearerToken(kind: .firstRun, random: Make.random)
        let new = BearerToken(kind: .firstRun, random: Make.random)
        #expect(try await test.store.offerFirstRun(old.digest, at: TestStore.start))
        #expect(try await test.store.offerFirstRun(new.digest, at: TestStore.start))
        #expect(try await test.store.link(old.digest, at: later) == nil)
        #expect(try await test.store.link(new.digest, at: later)?.kind == .firstRun)
        // It is no way to set somebody's password.
        #expect(try await spend(test, new, at: later) == nil)

        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<10 {
                group.addTask {
                    let account = Account(id: Account.ID(random: Make.random), name: "acme \(number)")
                    return try await test.store.createAccount(
                        account,
                        admin: Make.new(Make.user("ana\(number)", in: account, isAccountAdmin: true)),
                        firstRun: number.isMultiple(of: 2) ? new.digest : old.digest,
                        actorAddress: "192.0.2.7",
                        at: TestStore.start
                    )
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
        #expect(try await test.store.accounts().count == 1)
        #expect(try await !test.store.offerFirstRun(old.digest, at: later))
        #expect(try await test.store.link(new.digest, at: later) == nil)
    }

    @Test("An account made by the command line closes the open first-run link", arguments: Engine.allCases)
    func firstRunClosed(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let token = BearerToken(kind: .firstRun, random: Make.random)
        #expect(try await test.store.offerFirstRun(token.digest, at: TestStore.start))
        _ = try await test.company()
        #expect(try await test.store.link(token.digest, at: later) == nil)
    }

    @Test("A link opens nothing that its maker lacks when it is used", arguments: Engine.allCases)
    func gained(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let strong = Make.role("Strong", in: company.account)
        try await test.administer(company.account.id, nil, .createRole(strong))
        let maker = try await test.add("max", to: company)
        let gains: [(String, AdministrationEvent?)] = [
            ("nothing", nil), ("role", .setRoles([strong.id])), ("admin", .grantAdmin),
        ]
        for (name, gain) in gains {
            for by in [maker, company.admin] {
                let (token, link) = Make.link(.invitation, lasting: 3_600, by: by)
                let user = try await test.add("\(name)-\(by.login)", to: company, credential: .invitation(link))
                if let gain { try await test.administer(company.account.id, user.id, gain) }
                let isTaken = try await spend(test, token, at: later) != nil
                #expect(isTaken == (gain == nil || by.id == company.admin.id), "\(name), \(by.login)")
            }
        }
        let (token, link) = Make.link(.invitation, lasting: 3_600, by: maker)
        _ = try await test.add("last", to: company, credential: .invitation(link))
        try await test.administer(company.account.id, maker.id, .disableUser)
        #expect(try await spend(test, token, at: later) == nil, "its maker is out")
    }
}
