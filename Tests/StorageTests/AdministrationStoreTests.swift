import Accounts
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

@Suite("Changes by administrators", .timeLimit(.minutes(2)))
struct AdministrationStoreTests {
    struct Removal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let event: AdministrationEvent

        static let all = [
            Removal(testDescription: "demote", event: .revokeAdmin),
            Removal(testDescription: "disable", event: .disableUser),
        ]
    }

    @Test(
        "Two admins who remove each other at once: one always stays (F04, INV-7)",
        arguments: Removal.all,
        Engine.allCases
    )
    func mutualRemoval(removal: Removal, engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let ana = company.admin
        let bo = try await test.add("bo", to: company, isAccountAdmin: true)
        let account = company.account.id
        for _ in 0..<40 {
            let (anaActor, boActor) = (try await test.actor(ana), try await test.actor(bo))
            async let first = test.administer(account, bo.id, removal.event, actor: anaActor)
            async let second = test.administer(account, ana.id, removal.event, actor: boActor)
            let decisions = try await [first, second]
            #expect(decisions.count { $0.isAccepted } == 1)
            // Whoever came second is no admin any more, so that the reason may be either.
            #expect(
                decisions.compactMap(\.refusal).allSatisfy { [.lastAdmin, .accessDenied, .sessionEnded].contains($0) }
            )
            #expect(
                try await test.count(
                    "SELECT count(*) FROM person WHERE account_admin = 1 AND enabled = 1 AND password_hash IS NOT NULL"
                ) == 1
            )
            for user in [ana, bo] {
                try await test.administer(account, user.id, .grantAdmin)
                try await test.administer(account, user.id, .enableUser)
            }
        }
    }

    @Test("The command line may take the last admin, and is told that it does", arguments: Engine.allCases)
    func serverRemovesLast(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let decision = try await test.administer(company.account.id, company.admin.id, .disableUser)
        guard case .accepted(_, _, breaksLastAdmin: true) = decision else {
            return #expect(Bool(false), "not accepted with a warning")
        }
        #expect(try await test.subject(company.admin).user.isEnabled == false)
    }

    @Test("Ids of one account do nothing in another, whoever sends them (F02, S-30)", arguments: Engine.allCases)
    func tenants(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let acme = try await test.company("acme")
        let other = try await test.company("other")
        let victim = try await test.add("vic", to: other)
        let foreignRole = Make.role("Foreign", in: other.account)
        try await test.administer(other.account.id, nil, .createRole(foreignRole))
        let ana = try await test.actor(acme.admin)
        let (_, link) = Make.link(.passwordReset, lasting: 3_600)
        let before = try await test.subject(victim)

        let events: [AdministrationEvent] = [
            .disableUser, .enableUser, .deleteUser, .grantAdmin, .revokeAdmin, .resetTwoFactor(reason: ""),
            .resetPassword(link), .endSessions, .setRoles([]),
        ]
        for event in events {
            #expect(try await test.administer(acme.account.id, victim.id, event, actor: ana).refusal == .notFound)
            #expect(try await test.administer(other.account.id, victim.id, event, actor: ana).refusal == .accessDenied)
        }
        for event in [AdministrationEvent.changeRole(foreignRole), .deleteRole(foreignRole.id)] {
            #expect(try await test.administer(acme.account.id, nil, event, actor: ana).refusal == .notFound)
            #expect(try await test.administer(other.account.id, nil, event, actor: ana).refusal == .accessDenied)
        }
        let given = AdministrationEvent.setRoles([foreignRole.id])
        #expect(
            try await test.administer(acme.account.id, acme.admin.id, given, actor: ana).refusal == .notFound
        )
        let after = try await test.subject(victim)
        #expect(after.user == before.user)
        #expect(after.passwordHash == before.passwordHash)
        #expect(try await test.store.user(acme.account.id, victim.id) == nil)
        #expect(try await test.store.users(acme.account.id, UserQuery()).items.map(\.user) == [acme.admin])
        #expect(try await test.store.roles(acme.account.id).isEmpty)
        #expect(try await test.entries(acme.account.id).count == 1)
    }

    @Test("Deleting a person takes everything of theirs and leaves the log (S-22)", arguments: Engine.allCases)
    func deletion(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let role = Make.role("Reader", in: company.account)
        try await test.administer(company.account.id, nil, .createRole(role))
        let (_, link) = Make.link(.invitation, lasting: 3_600)
        let user = try await test.add("bo", to: company, credential: .invitation(link), roleIDs: [role.id])
        try await test.apply([
            .insertAuthenticator(user.id, try Make.authenticator()), .savePending(user.id, try Make.pending()),
            .replaceRecoveryCodes(user.id, Make.recoveryCodes()), .insertAttempt(Make.attempt(user)),
            .insertSession(Make.session(user)), .insertAgentSession(Make.agentSession(user)),
        ])
        let tables = [
            "authenticator", "pending_enrolment", "recovery_code", "sign_in_attempt", "portal_session", "agent_session",
            "one_time_link", "person_role",
        ]
        for table in tables { #expect(try await test.count("SELECT count(*) FROM \(table)") > 0, "\(table)") }
        try await test.administer(company.account.id, user.id, .deleteUser, actor: try await test.actor(company.admin))
        for table in tables {
            let left = try await test.count("SELECT count(*) FROM \(table) WHERE person_id = $1", [user.id])
            #expect(left == 0, "\(table)")
        }
        #expect(try await test.store.user(login: Make.login("bo")) == nil)
        let entry = try #require(try await test.entries(company.account.id).first)
        #expect(entry.kind == .userDeleted)
        #expect(entry.sentence == "ana@acme deleted bo")
    }

    @Test("A login is taken once over all accounts, in any case", arguments: ["bo", "BO", "Bo"], Engine.allCases)
    func duplicateLogin(login: String, engine: Engine) async throws {
        let test = try await TestStore(engine)
        let acme = try await test.company("acme")
        let other = try await test.company("other")
        try await test.add("bo", to: acme)
        await #expect(throws: StoreError.duplicate("person.login_key")) { try await test.add(login, to: other) }
        #expect(try await test.store.users(other.account.id, UserQuery()).total == 1)
        #expect(try await test.entries(other.account.id).count == 1)
    }

    @Test(
        "A reset takes the whole factor and opens a closed one; the password's counter stays (S-11, S-40)",
        arguments: Engine.allCases
    )
    func reset(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let user = try await test.add("bo", to: company)
        let digest = try await test.state("bo").loginDigest
        let closed = ThrottleState(consecutive: 100)
        try await test.apply([
            .insertAuthenticator(user.id, try Make.authenticator()), .savePending(user.id, try Make.pending()),
            .replaceRecoveryCodes(user.id, Make.recoveryCodes()), .insertSession(Make.session(user)),
            .insertAttempt(Make.attempt(user)), .insertAgentSession(Make.agentSession(user)),
            .saveThrottle(.login(.token, digest), closed), .saveThrottle(.login(.portalPassword, digest), closed),
        ])
        #expect(try await test.store.user(company.account.id, user.id)?.isFactorClosed == true)
        let event = AdministrationEvent.resetTwoFactor(reason: "lost phone")
        try await test.administer(company.account.id, user.id, event, actor: try await test.actor(company.admin))

        let state = try await test.state("bo")
        let subject = try #require(state.subject)
        #expect(!subject.hasTwoFactor && subject.pending == nil && subject.recoveryCodes.isEmpty)
        #expect(state.throttles[.login(.token, digest)] == .clear)
        #expect(state.throttles[.login(.portalPassword, digest)] == closed)
        #expect(try await test.store.user(company.account.id, user.id)?.isFactorClosed == false)
        #expect(try await test.count("SELECT count(*) FROM portal_session WHERE person_id = $1", [user.id]) == 0)
        #expect(try await test.count("SELECT count(*) FROM sign_in_attempt") == 0)
        // Agents are by login and password: a reset of the second factor is none of theirs (S-06).
        #expect(try await test.count("SELECT count(*) FROM agent_session") == 1)
        #expect(try await test.entries(company.account.id).first?.parameters == [.init("reason", "lost phone")])
    }

    @Test("A login that is given anew starts with a clean count of tokens", arguments: Engine.allCases)
    func loginGivenAnew(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let first = try await test.add("bo", to: company)
        let digest = try await test.state("bo").loginDigest
        try await test.apply([.saveThrottle(.login(.token, digest), ThrottleState(consecutive: 100))])
        try await test.administer(company.account.id, first.id, .deleteUser)
        let second = try await test.add("bo", to: company)
        #expect(try await test.store.user(company.account.id, second.id)?.isFactorClosed == false)
    }

    @Test(
        "The requirement is switched on by an admin who has two-factor, in one account alone (S-09, S-30, S-39)",
        arguments: Engine.allCases
    )
    func requirement(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let acme = try await test.company("acme")
        let other = try await test.company("other")
        let on = AdministrationEvent.requireTwoFactor(true)
        let account = acme.account.id
        #expect(try await test.administer(account, nil, on).refusal == .adminFirst)
        let weak = try await test.actor(acme.admin)
        #expect(try await test.administer(account, nil, on, actor: weak).refusal == .configureOwnFirst)
        try await test.apply([.insertAuthenticator(acme.admin.id, try Make.authenticator())])
        #expect(try await test.administer(account, nil, on, actor: weak).refusal == .twoFactorRequired)
        #expect(try await test.subject(acme.admin).account.requiresTwoFactor == false)
        let strong = try await test.actor(acme.admin, methods: [.password, .otp])
        #expect(try await test.administer(account, nil, on, actor: strong).isAccepted)
        #expect(try await test.subject(acme.admin).account.requiresTwoFactor)
        #expect(try await test.subject(other.admin).account.requiresTwoFactor == false)
        try await test.administer(account, nil, .requireTwoFactor(false), actor: strong)
        #expect(try await test.subject(acme.admin).account.requiresTwoFactor == false)
        #expect(try await test.subject(acme.admin).hasTwoFactor)
    }
}
