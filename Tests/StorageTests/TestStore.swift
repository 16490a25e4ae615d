import Accounts
import Foundation
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

/// A real database in a folder of its own, which goes with it.
final class TestStore: Sendable {
    static let start = UnixTime(seconds: 1_800_000_000)
    static let source = RequestSource(address: "192.0.2.7", throttleKey: "192.0.2.7", userAgent: "test")

    let folder: URL
    let opened: OpenedStore
    let keyRing: KeyRing
    let store: PortalStore

    var database: any Database { opened.database }

    init(_ engine: Engine = .sqlite) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("countersign-\(UUID().uuidString)")
        opened = try await OpenedStore(engine, in: folder)
        let key = KeyRing.Key(random: SystemRandomSource())
        keyRing = try KeyRing(keys: [key], currentID: key.id)
        store = PortalStore(database: opened.database, keyRing: keyRing)
    }

    deinit {
        opened.close()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: People

    struct Company: Sendable {
        let account: Account
        /// `ana@NAME`, an Account Admin with a password.
        let admin: User
    }

    func company(_ name: String = "acme") async throws -> Company {
        let account = Account(id: Account.ID(random: SystemRandomSource()), name: name)
        let admin = Make.user("ana@\(name)", in: account, isAccountAdmin: true)
        let isMade = try await store.createAccount(
            account,
            admin: Make.new(admin),
            firstRun: nil,
            actorAddress: "",
            at: Self.start
        )
        try #require(isMade)
        return Company(account: account, admin: admin)
    }

    @discardableResult
    func add(
        _ login: String,
        to company: Company,
        name: String = "",
        isAccountAdmin: Bool = false,
        credential: NewUser.FirstCredential = .password(Make.hash, mustChange: false),
        roleIDs: [Role.ID] = []
    ) async throws -> User {
        let user = Make.user(login, in: company.account, name: name, isAccountAdmin: isAccountAdmin)
        let new = Make.new(user, credential: credential, roleIDs: roleIDs)
        let decision = try await administer(company.account.id, nil, .createUser(new))
        try #require(decision.isAccepted)
        return user
    }

    /// Somebody in a session of their own.
    func actor(
        _ user: User,
        methods: Set<AuthenticationMethod> = [.password],
        at now: UnixTime = start
    ) async throws -> Actor {
        let session = Make.session(user, methods: methods, at: now)
        try await apply([.insertSession(session)])
        return .person(user.id, session: session.digest, address: "192.0.2.7")
    }

    @discardableResult
    func administer(
        _ account: Account.ID,
        _ target: User.ID?,
        _ event: AdministrationEvent,
        actor: Actor = .server,
        at now: UnixTime = start
    ) async throws -> AdministrationDecision {
        try await store.administer(account, actor: actor, target: target, event: event, at: now)
    }

    // MARK: Decisions

    /// Writes effects as a decision about this login would.
    func apply(
        _ effects: [SignInEffect],
        entries: [ActivityEntry] = [],
        at now: UnixTime = start
    ) async throws(StoreError) {
        let request = SubjectRequest(.login(Make.login("nobody")), [], throttles: [], source: Self.source)
        try await store.decide(request, at: now) { _ in Decision((), effects, entries) }
    }

    func state(
        _ login: String,
        throttles: [ThrottleKind] = ThrottleKind.allCases
    ) async throws(StoreError) -> SignInState {
        let request = SubjectRequest(.login(Make.login(login)), .all, throttles: throttles, source: Self.source)
        return try await store.decide(request, at: Self.start) { Decision($0) }
    }

    func subject(_ user: User) async throws -> Subject {
        try #require(try await state(user.login).subject)
    }

    /// How many rows a statement counts.
    func count(_ sql: String, _ values: [any SQLConvertible & Sendable] = []) async throws -> Int64 {
        try await database.read { try #require(try $0.query(sql, values).first).integer(0) }
    }

    func entries(_ account: Account.ID, _ query: ActivityQuery = ActivityQuery()) async throws -> [ActivityRecord] {
        try await store.activity(account, query).items
    }
}

extension AdministrationDecision {
    var isAccepted: Bool { refusal == nil }

    var refusal: AdministrationRefusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}
