import Accounts
import Credentials
import OneTimePassword
import Secrets
import SignIn
import Storage

/// One of many people who are about to sign in.
struct Person: Sendable {
    let id: User.ID
    let login: String
    let secret: OTPSharedSecret
    /// The cookie of an attempt that waits for its token.
    let attempt: BearerToken

    var code: String { TOTP.code(secret: secret, at: SystemWallClock().now.seconds).text }
}

/// An account that requires two-factor, with many people who share one password, each with an authenticator and an
/// attempt that waits for its token.
struct Company: Sendable {
    static let password = "quiet-lantern-on-the-pier"
    private static let batch = 2_000

    let people: [Person]

    static func seed(_ folder: BenchFolder, users: Int) async throws -> Company {
        let random = SystemRandomSource()
        let keys = KeyFile(random: random, now: SystemWallClock().now)
        try keys.create(folder.keyFile)
        let database = try SQLiteDatabase(path: folder.database)
        defer { database.close() }
        _ = try await database.migrate()
        let store = PortalStore(database: database, keyRing: keys.ring)
        try await store.plantSealCheck()

        let account = Account(id: Account.ID(random: random), name: "Bench")
        let hash = try passwordHash(random)
        let people = try (0..<users).map { number in
            Person(
                id: User.ID(random: random),
                login: "person\(number)",
                secret: try OTPSharedSecret(bytes: random.bytes(OTPSharedSecret.recommendedByteCount)),
                attempt: BearerToken(kind: .attempt, random: random)
            )
        }
        let seeder = Seeder(database: database, store: store, account: account, hash: hash)
        try await seeder.createAccount()
        for start in stride(from: 0, to: users, by: batch) {
            try await seeder.insert(Array(people[start..<min(start + batch, users)]))
        }
        try await seeder.requireTwoFactor()
        return Company(people: people)
    }

    private static func passwordHash(_ random: SystemRandomSource) throws -> PasswordHash {
        let salt = random.bytes(RawArgon2.saltByteCount)
        var argon2 = RawArgon2()
        guard let tag = argon2.tag(of: Password(utf8: password), salt: salt, parameters: .current),
            let hash = PasswordHash(parameters: .current, salt: salt, tag: tag)
        else { throw BenchError("Argon2id does not work here.") }
        return hash
    }
}

/// Writes people in few big transactions, the way the portal's own stores would leave them.
private struct Seeder {
    let database: SQLiteDatabase
    let store: PortalStore
    let account: Account
    let hash: PasswordHash

    private let random = SystemRandomSource()

    init(database: SQLiteDatabase, store: PortalStore, account: Account, hash: PasswordHash) {
        self.database = database
        self.store = store
        self.account = account
        self.hash = hash
    }

    private var now: UnixTime { SystemWallClock().now }

    func createAccount() async throws {
        let admin = Person(
            id: User.ID(random: random),
            login: "admin",
            secret: try OTPSharedSecret(bytes: random.bytes(OTPSharedSecret.recommendedByteCount)),
            attempt: BearerToken(kind: .attempt, random: random)
        )
        let user = User(id: admin.id, accountID: account.id, login: admin.login, name: "Admin", isAccountAdmin: true)
        let new = NewUser(
            user: user,
            loginKey: admin.login,
            roleIDs: [],
            credential: .password(hash, mustChange: false)
        )
        guard try await store.createAccount(account, admin: new, firstRun: nil, actorAddress: "", at: now) else {
            throw BenchError("The account was not created.")
        }
        try await apply([authenticator(of: admin)])
    }

    func requireTwoFactor() async throws {
        let decision = try await store.administer(
            account.id,
            actor: .server,
            target: nil,
            event: .requireTwoFactor(true),
            at: now
        )
        guard case .accepted = decision else { throw BenchError("Two-factor could not be required.") }
    }

    func insert(_ people: [Person]) async throws {
        let (account, phc, now) = (account.id, hash.phc, now)
        try await database.write { connection in
            for person in people {
                try connection.execute(
                    """
                    INSERT INTO person (id, account_id, login, login_key, name, password_hash, password_changed_at,
                    created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    [person.id, account, person.login, person.login, "Somebody", phc, now, now]
                )
            }
        }
        try await apply(people.flatMap { [authenticator(of: $0), .insertAttempt(attempt(of: $0))] })
    }

    private func authenticator(of person: Person) -> SignInEffect {
        .insertAuthenticator(
            person.id,
            Authenticator(
                id: Authenticator.ID(random: random),
                name: "Phone",
                secret: .readable(person.secret),
                lastAcceptedStep: TimeStep(rawValue: 0),
                createdAt: now
            )
        )
    }

    private func attempt(of person: Person) -> SignInAttempt {
        SignInAttempt(
            id: SignInAttempt.ID(random: random),
            digest: person.attempt.digest,
            userID: person.id,
            accountID: account.id,
            stage: .token,
            methods: [.password],
            expiresAt: now + SignInAttempt.lifetimeSeconds
        )
    }

    /// A decision about nobody, whose effects are about many.
    private func apply(_ effects: [SignInEffect]) async throws {
        guard let nobody = Login("nobody") else { throw BenchError("A login that is none.") }
        let source = RequestSource(address: "", throttleKey: nil)
        let request = SubjectRequest(.login(nobody), [], throttles: [], source: source)
        try await store.decide(request, at: now) { _ in Decision((), effects) }
    }
}
