import Accounts
import OneTimePassword
import Secrets
import SignIn

/// Reads what a decision looks at, inside its transaction.
struct SubjectReader {
    let connection: any SQLConnection
    let keyRing: KeyRing

    func state(_ request: SubjectRequest) throws(StoreError) -> SignInState {
        switch request.query {
        case .login(let login):
            let person = try person(where: "p.login_key = $1", login.key)
            var state = try state(request, loginKey: login.key, person)
            state.isCookieless = true
            return state
        case .attempt(let digest):
            guard
                let row = try connection.first(
                    "SELECT \(Rows.attempt) FROM sign_in_attempt t WHERE t.digest = $1",
                    [digest]
                )
            else { return try nobody(request) }
            let attempt = try Rows.attempt(row)
            let person = try person(where: "p.id = $1", attempt.userID)
            var state = try state(request, loginKey: person?.loginKey ?? "", person)
            state.attempt = attempt
            state.isCookieless = false
            return state
        case .session(let digest):
            guard
                let row = try connection.first(
                    "SELECT \(Rows.session) FROM portal_session s WHERE s.digest = $1",
                    [digest]
                )
            else { return try nobody(request) }
            let session = try Rows.session(row)
            let person = try person(where: "p.id = $1", session.userID)
            var state = try state(request, loginKey: person?.loginKey ?? "", person)
            state.session = session
            state.isCookieless = false
            return state
        }
    }

    /// The cookie names nothing (any more). The counters of the address are read all the same: what is not read must
    /// not be written over.
    private func nobody(_ request: SubjectRequest) throws(StoreError) -> SignInState {
        var state = try state(request, loginKey: "", nil)
        state.isCookieless = false
        return state
    }

    private func state(
        _ request: SubjectRequest,
        loginKey: String,
        _ person: Person?
    ) throws(StoreError) -> SignInState {
        let digest = try loginDigest(loginKey)
        var subject: Subject?
        if let person { subject = try self.subject(person, request.parts) }
        let browser = try knownBrowser(request, person?.user.id)
        var keys: Set<ThrottleKey> = []
        for kind in request.throttles {
            keys.formUnion(Throttles.keys(kind, login: digest, source: request.source, knownBrowser: browser))
        }
        return SignInState(subject: subject, loginDigest: digest, throttles: try throttles(keys, browser))
    }

    private func knownBrowser(_ request: SubjectRequest, _ user: User.ID?) throws(StoreError) -> TokenDigest? {
        switch request.browser {
        case .charged(let browser): return browser
        case .presented:
            guard !request.throttles.isEmpty, !request.source.browsers.isEmpty else { return nil }
            return try KnownBrowsers(connection: connection).known(request.source.browsers, for: user)
        }
    }

    /// Counters know a login by a keyed digest, so that what strangers typed is nowhere in clear.
    private func loginDigest(_ key: String) throws(StoreError) -> TokenDigest {
        guard let digest = TokenDigest(bytes: keyRing.keyedDigest(of: key).bytes) else {
            throw .corrupt("a keyed digest of another length")
        }
        return digest
    }

    // MARK: The person

    struct Person {
        var user: User
        var account: Account
        var loginKey: String
        var passwordHash: PasswordHash?
        var mustChange: Bool
    }

    func person(where condition: String, _ value: any SQLConvertible) throws(StoreError) -> Person? {
        guard
            let row = try connection.first(
                """
                SELECT \(Rows.user), \(Rows.account), p.login_key, p.password_hash, p.must_change
                FROM person p JOIN account a ON a.id = p.account_id WHERE \(condition)
                """,
                [value]
            )
        else { return nil }
        let next = Rows.userColumns + Rows.accountColumns
        var hash: PasswordHash?
        if !row.isNull(next + 1) {
            hash = PasswordHash(phc: try row.text(next + 1))
            guard hash != nil else { throw .corrupt("a password hash does not parse") }
        }
        return Person(
            user: try Rows.user(row),
            account: try Rows.account(row, from: Rows.userColumns),
            loginKey: try row.text(next),
            passwordHash: hash,
            mustChange: try row.bool(next + 2)
        )
    }

    func subject(_ person: Person, _ parts: SubjectParts) throws(StoreError) -> Subject {
        let id = person.user.id
        var subject = Subject(
            user: person.user,
            account: person.account,
            passwordHash: person.passwordHash,
            mustChangePassword: person.mustChange,
            authenticators: try authenticators(id, opensSecrets: parts.contains(.secrets))
        )
        if parts.contains(.permissions) { subject.permissions = try permissions(person.user) }
        if parts.contains(.recoveryCodes) {
            (subject.recoveryCodes, subject.hasUnkeptCodes) = try recoveryCodes(id)
        }
        if parts.contains(.pending) { subject.pending = try pending(id) }
        if parts.contains(.configuredAdmins) { subject.configuredAdmins = try configuredAdmins(person.account.id) }
        return subject
    }

    func permissions(_ user: User) throws(StoreError) -> Permissions {
        guard !user.isAccountAdmin else { return .accountAdmin }
        let rows = try connection.query(
            "SELECT \(Rows.role) FROM role r JOIN person_role m ON m.role_id = r.id WHERE m.person_id = $1",
            [user.id]
        )
        var roles: [Permissions] = []
        for row in rows { roles.append(try Rows.role(row).permissions) }
        return Permissions(isAccountAdmin: false, roles: roles)
    }

    func configuredAdmins(_ account: Account.ID) throws(StoreError) -> Int {
        try connection.count(
            """
            SELECT count(*) FROM person p WHERE p.account_id = $1 AND p.account_admin = 1 AND p.enabled = 1
            AND EXISTS (SELECT 1 FROM authenticator u WHERE u.person_id = p.id)
            """,
            [account]
        )
    }

    // MARK: Factors

    private func authenticators(
        _ user: User.ID,
        opensSecrets: Bool
    ) throws(StoreError) -> [Authenticator] {
        let rows = try connection.query(
            """
            SELECT id, name, secret, last_step, created_at, last_used_at FROM authenticator
            WHERE person_id = $1 ORDER BY created_at, id
            """,
            [user]
        )
        var result: [Authenticator] = []
        for row in rows {
            let id: Authenticator.ID = try row.id(0)
            result.append(
                Authenticator(
                    id: id,
                    name: try row.text(1),
                    secret: opensSecrets ? secret(try row.blob(2), SealPlaces.authenticator(id)) : .sealed,
                    lastAcceptedStep: TimeStep(rawValue: UInt64(max(0, try row.integer(3)))),
                    createdAt: try row.time(4),
                    lastUsedAt: try row.optionalTime(5)
                )
            )
        }
        return result
    }

    /// A value that does not open denies; it never means "no second factor".
    private func secret(_ sealed: [UInt8], _ place: SealContext) -> Authenticator.Secret {
        guard let bytes = try? keyRing.open(SealedValue(bytes: sealed), in: place),
            let secret = try? OTPSharedSecret(bytes: bytes)
        else { return .unreadable }
        return .readable(secret)
    }

    private func recoveryCodes(_ user: User.ID) throws(StoreError) -> (Set<TokenDigest>, hasUnkept: Bool) {
        let rows = try connection.query(
            """
            SELECT digest, CASE WHEN sealed IS NULL THEN 0 ELSE 1 END FROM recovery_code
            WHERE person_id = $1 AND used_at IS NULL
            """,
            [user]
        )
        var result: Set<TokenDigest> = []
        var hasUnkept = false
        for row in rows {
            result.insert(try row.digest(0))
            if try row.bool(1) { hasUnkept = true }
        }
        return (result, hasUnkept)
    }

    private func pending(_ user: User.ID) throws(StoreError) -> PendingEnrolment? {
        guard
            let row = try connection.first(
                """
                SELECT id, secret, expires_at, wrong_pairs, session_id, replaces_others, attempt_id, address,
                other_address FROM pending_enrolment WHERE person_id = $1
                """,
                [user]
            )
        else { return nil }
        let id: PendingEnrolment.ID = try row.id(0)
        // One that does not open is as good as none: a new secret is made.
        guard case .readable(let secret) = secret(try row.blob(1), SealPlaces.pending(id)) else { return nil }
        return PendingEnrolment(
            id: id,
            secret: secret,
            expiresAt: try row.time(2),
            wrongPairs: Int(try row.integer(3)),
            sessionID: row.isNull(4) ? nil : try row.id(4),
            attemptID: row.isNull(6) ? nil : try row.id(6),
            address: try row.text(7),
            otherAddress: row.isNull(8) ? nil : try row.text(8),
            replacesOthers: try row.bool(5)
        )
    }

    // MARK: Counters

    private func throttles(
        _ keys: Set<ThrottleKey>,
        _ knownBrowser: TokenDigest?
    ) throws(StoreError) -> Throttles {
        var states: [ThrottleKey: ThrottleState] = [:]
        for key in keys {
            guard
                let row = try connection.first(
                    """
                    SELECT consecutive, blocked_until, recent FROM throttle
                    WHERE kind = $1 AND scope = $2 AND subject = $3
                    """,
                    key.columns
                )
            else { continue }
            states[key] = ThrottleState(
                consecutive: Int(try row.integer(0)),
                blockedUntil: try row.optionalTime(1),
                recent: TimeList.decode(try row.blob(2))
            )
        }
        return Throttles(states, knownBrowser: knownBrowser)
    }
}

/// Where sealed values live; a value moved elsewhere does not open.
enum SealPlaces {
    static func check(_ keyID: String) -> SealContext {
        SealContext(table: "seal_check", column: "sealed", row: keyID)
    }

    static func authenticator(_ id: Authenticator.ID) -> SealContext {
        SealContext(table: "authenticator", column: "secret", row: id.description)
    }

    static func pending(_ id: PendingEnrolment.ID) -> SealContext {
        SealContext(table: "pending_enrolment", column: "secret", row: id.description)
    }

    static func waitingPost(_ post: WaitingPost) -> SealContext {
        SealContext(
            table: "waiting_post",
            column: "sealed",
            row: "\(post.id) \(post.sessionID) \(post.need.rawValue) POST \(post.path)"
        )
    }

    static func recoveryCode(_ user: User.ID, place: Int) -> SealContext {
        SealContext(table: "recovery_code", column: "sealed", row: "\(user) \(place)")
    }
}

extension ThrottleKey {
    /// kind, scope, subject
    var columns: [any SQLConvertible] {
        switch self {
        case .login(let kind, let digest): [kind.rawValue, "login", Base16.text(digest.bytes)]
        case .address(let kind, let address): [kind.rawValue, "address", address]
        case .browser(let kind, let login, let browser):
            [kind.rawValue, "browser", Base16.text(TokenDigest(joining: login, browser).bytes)]
        // The login's own counter of tokens.
        case .closing(let digest): [ThrottleKind.token.rawValue, "login", Base16.text(digest.bytes)]
        }
    }
}

enum Base16 {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// Times in one column, eight bytes each, most significant first.
enum TimeList {
    static func encode(_ times: [UnixTime]) -> [UInt8] {
        times.flatMap { time in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: time.seconds >> Int64($0)) }
        }
    }

    static func decode(_ bytes: [UInt8]) -> [UnixTime] {
        stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            UnixTime(seconds: bytes[start..<start + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) })
        }
    }
}
