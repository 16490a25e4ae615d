import Accounts
import OneTimePassword
import Secrets
import SignIn

/// Values for rows, with nothing in them that a test does not ask for.
enum Make {
    static let random = SystemRandomSource()
    static let hash = hash(1)

    /// A hash that no password was ever hashed to.
    static func hash(_ number: UInt8) -> PasswordHash {
        PasswordHash(
            parameters: .current,
            salt: Array(repeating: number, count: 16),
            tag: Array(repeating: 7, count: 32)
        )!
    }

    static func login(_ text: String) -> Login { Login(text)! }

    static func user(_ login: String, in account: Account, name: String = "", isAccountAdmin: Bool = false) -> User {
        User(
            id: User.ID(random: random),
            accountID: account.id,
            login: login,
            name: name,
            isAccountAdmin: isAccountAdmin
        )
    }

    static func new(
        _ user: User,
        credential: NewUser.FirstCredential = .password(hash, mustChange: false),
        roleIDs: [Role.ID] = []
    ) -> NewUser {
        NewUser(user: user, loginKey: login(user.login).key, roleIDs: roleIDs, credential: credential)
    }

    static func role(_ name: String, in account: Account) -> Role {
        Role(id: Role.ID(random: random), accountID: account.id, name: name, permissions: Permissions(accounts: .view))
    }

    static func digest(_ kind: BearerKind = .attempt) -> TokenDigest { BearerToken(kind: kind, random: random).digest }

    static func authenticator(lastStep: UInt64 = 0, name: String = "Phone") throws -> Authenticator {
        Authenticator(
            id: Authenticator.ID(random: random),
            name: name,
            secret: .readable(try OTPSharedSecret(bytes: random.bytes(20))),
            lastAcceptedStep: TimeStep(rawValue: lastStep),
            createdAt: TestStore.start
        )
    }

    static func pending() throws -> PendingEnrolment {
        PendingEnrolment(
            id: PendingEnrolment.ID(random: random),
            secret: try OTPSharedSecret(bytes: random.bytes(20)),
            expiresAt: TestStore.start + PendingEnrolment.lifetimeSeconds
        )
    }

    static func recoveryCodes() -> [RecoveryCode] { (0..<10).map { _ in RecoveryCode(random: random) } }

    static func attempt(_ user: User, digest: TokenDigest = digest(), at now: UnixTime = TestStore.start)
        -> SignInAttempt
    {
        SignInAttempt(
            id: SignInAttempt.ID(random: random),
            digest: digest,
            userID: user.id,
            accountID: user.accountID,
            stage: .token,
            methods: [.password],
            expiresAt: now + SignInAttempt.lifetimeSeconds
        )
    }

    static func session(
        _ user: User,
        digest: TokenDigest = digest(.portalSession),
        methods: Set<AuthenticationMethod> = [.password],
        at now: UnixTime = TestStore.start
    ) -> PortalSession {
        PortalSession(
            id: PortalSession.ID(random: random),
            digest: digest,
            userID: user.id,
            accountID: user.accountID,
            methods: methods,
            createdAt: now,
            lastSeenAt: now,
            address: "192.0.2.7",
            userAgent: "test",
            proof: SessionProof(at: now, by: methods)
        )
    }

    static func agentSession(_ user: User) -> AgentSession {
        AgentSession(
            id: AgentSession.ID(random: random),
            digest: digest(.agentSession),
            userID: user.id,
            accountID: user.accountID,
            createdAt: TestStore.start,
            expiresAt: TestStore.start + AgentSession.lifetimeSeconds,
            address: "192.0.2.7",
            userAgent: "test"
        )
    }

    static func link(
        _ kind: BearerKind,
        lasting seconds: Int64,
        by maker: User? = nil
    ) -> (BearerToken, OneTimeLink) {
        let token = BearerToken(kind: kind, random: random)
        return (
            token,
            OneTimeLink(
                digest: token.digest,
                kind: kind,
                expiresAt: TestStore.start + seconds,
                madeBy: maker?.id
            )
        )
    }
}
