import Accounts
import Foundation
import OneTimePassword
import Secrets
import SignIn
import Storage

struct GrowthError: Error, CustomStringConvertible {
    let description: String
}

/// One engine with an account of synthetic people, all of whom have an authenticator and an open session.
struct BenchEngine: Sendable {
    /// Somebody who can really sign in.
    struct Person: Sendable {
        let login: Login
        let secret: OTPSharedSecret
    }

    let name: String
    let close: @Sendable () -> Void
    private let database: any Database
    private let words: SchemaWords
    private let store: PortalStore
    private let account: Account
    private let hash: PasswordHash
    private let service: SignInService
    private let random = SystemRandomSource()

    static func embedded(_ path: String) async throws -> BenchEngine {
        let database = try SQLiteDatabase(path: path)
        _ = try await database.migrate()
        return try await BenchEngine("SQLite", database, .sqlite) { database.close() }
    }

    static func server(_ address: String) async throws -> BenchEngine {
        let database = try await PostgresDatabase.open(PostgresSettings(address: address).patient)
        _ = try await database.migrate()
        return try await BenchEngine("PostgreSQL", database, .postgres) { database.close() }
    }

    private init(
        _ name: String,
        _ database: any Database,
        _ words: SchemaWords,
        close: @escaping @Sendable () -> Void
    ) async throws {
        (self.name, self.database, self.words, self.close) = (name, database, words, close)
        store = PortalStore(database: database, keyRing: KeyRing(random: random))
        account = Account(id: Account.ID(random: random), name: "Growth")
        guard
            let hash = PasswordHash(
                parameters: .current,
                salt: [UInt8](repeating: 1, count: 16),
                tag: [UInt8](repeating: 2, count: 32)
            )
        else { throw GrowthError(description: "a hash that does not parse") }
        self.hash = hash
        service = SignInService(
            Ceremony(store: store, hasher: FreeHashing(decoy: hash), clock: MachineClock(), random: random)
        )
        let admin = User(
            id: User.ID(random: random),
            accountID: account.id,
            login: "admin",
            name: "Admin",
            isAccountAdmin: true
        )
        _ = try await store.createAccount(
            account,
            admin: NewUser(
                user: admin,
                loginKey: "admin",
                roleIDs: [],
                credential: .password(hash, mustChange: false)
            ),
            firstRun: nil,
            actorAddress: "",
            at: now
        )
    }

    private var now: UnixTime { MachineClock().now }

    // MARK: Synthetic people

    /// Ids are scattered over the key space, as random ones are, by a number without a common divisor.
    private static let scattered = "substr(CAST(1000000000000 + (i * 618033988749) % 1000000000039 AS TEXT), 2)"
    private static let chunk = 20_000

    func fill(upTo size: Int) async throws {
        let present = try await database.read { connection in
            try connection.query("SELECT count(*) FROM person WHERE login LIKE 'synthetic%'", [])
        }
        var start = Int(try present.first?.integer(0) ?? 0)
        while start < size {
            let end = min(start + Self.chunk, size)
            try await insert(start + 1, end)
            start = end
        }
        try await database.write { connection in
            try connection.execute("ANALYZE", [])
            return ()
        }
    }

    private func insert(_ first: Int, _ last: Int) async throws {
        let numbers = "WITH RECURSIVE n (i) AS (SELECT \(first) UNION ALL SELECT i + 1 FROM n WHERE i < \(last))"
        let person = "'00000000-0000-4000-8000-' || \(number())"
        let digest = "CAST('session-of-twenty-so-' || \(number()) AS \(words.blob))"
        let (account, phc, now) = (account.id, hash.phc, now)
        let statements = [
            """
            INSERT INTO person (id, account_id, login, login_key, name, password_hash, password_changed_at, created_at)
            \(numbers) SELECT \(person), '\(account)', 'synthetic' || \(number()), 'synthetic' || \(number()),
            'Somebody', '\(phc)', \(now), \(now) FROM n
            """,
            """
            INSERT INTO authenticator (id, account_id, person_id, name, secret, last_step, created_at)
            \(numbers) SELECT '00000000-0000-4000-8001-' || \(number()), '\(account)', \(person), 'Phone',
            CAST('sealed' AS \(words.blob)), 1, \(now) FROM n
            """,
            """
            INSERT INTO portal_session (id, digest, account_id, person_id, methods, created_at, last_seen_at)
            \(numbers) SELECT '00000000-0000-4000-8002-' || \(number()), \(digest), '\(account)', \(person), 'pwd otp',
            \(now), \(now) FROM n
            """,
            """
            INSERT INTO activity (happened_at, account_id, kind, actor_id, actor_login)
            \(numbers) SELECT \(now), '\(account)', 'signed_in', \(person), 'synthetic' || \(number()) FROM n
            """,
        ]
        try await database.write { connection in
            for statement in statements { try connection.execute(statement, []) }
        }
    }

    /// The number in the mixed width that both engines count in: `i` must not be a small integer there.
    private func number() -> String {
        Self.scattered.replacingOccurrences(of: "(i *", with: "(CAST(i AS \(words.integer)) *")
    }

    // MARK: Real people

    func people(_ count: Int) async throws -> [Person] {
        var people: [Person] = []
        for _ in 0..<count {
            let user = User(
                id: User.ID(random: random),
                accountID: account.id,
                login: "real-\(UUID().uuidString.lowercased())",
                name: "Real"
            )
            guard let login = Login(user.login) else { throw GrowthError(description: "a login that is none") }
            try await insert(user, login)
            let secret = try OTPSharedSecret(bytes: random.bytes(20))
            let authenticator = Authenticator(
                id: Authenticator.ID(random: random),
                name: "Phone",
                secret: .readable(secret),
                lastAcceptedStep: TimeStep(rawValue: 0),
                createdAt: now
            )
            let request = SubjectRequest(.login(login), [], throttles: [], source: source)
            let effect = SignInEffect.insertAuthenticator(user.id, authenticator)
            try await store.decide(request, at: now) { _ in Decision((), [effect]) }
            people.append(Person(login: login, secret: secret))
        }
        return people
    }

    /// By hand: an administrator's change counts the other admins of the account, which is not what is measured.
    private func insert(_ user: User, _ login: Login) async throws {
        let (account, phc, now) = (account.id, hash.phc, now)
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO person (id, account_id, login, login_key, password_hash, password_changed_at, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $6)
                """,
                [user.id, account, user.login, login.key, phc, now]
            )
            return ()
        }
    }

    /// An address for each, as people have: one address would be one counter.
    private var source: RequestSource {
        let address = random.bytes(4).map(String.init).joined(separator: ".")
        return RequestSource(address: address, throttleKey: address, userAgent: "bench")
    }

    /// Both steps, through the service and the store: some 35 statements and three commits.
    func signIn(_ person: Person) async throws -> TokenDigest {
        let source = source
        let first = try await service.submitPassword(
            login: person.login,
            password: Password(utf8: "x"),
            returnTo: "",
            source: source
        )
        guard case .proceed = first.outcome else { throw GrowthError(description: "the password: \(first.outcome)") }
        let code = TOTP.code(secret: person.secret, at: now.seconds).text
        let second = try await service.submitToken(attempt: first.tokens.attempt, typed: code, source: source)
        guard case .signedIn(let session, _) = second.outcome else {
            throw GrowthError(description: "the token: \(second.outcome)")
        }
        return session.digest
    }

    func check(_ session: TokenDigest) async throws {
        guard try await store.sessionView(session) != nil else { throw GrowthError(description: "a session is gone") }
    }
}
