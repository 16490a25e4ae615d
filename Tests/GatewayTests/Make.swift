import Accounts
import Gateway
import Secrets
import SignIn

/// Values for rules, with nothing in them that a test does not ask for.
enum Make {
    static let random = SystemRandomSource()
    static let now = UnixTime(seconds: 1_800_000_000)
    static let account = Account(id: Account.ID(random: random), name: "Acme")

    static func path(_ text: String) -> RequestPath { RequestPath(stored: text)! }

    static func rule(_ path: String, _ match: PathRule.Match, _ action: PathRule.Action) -> PathRule {
        PathRule(id: PathRule.ID(random: random), path: Self.path(path), match: match, action: action)
    }

    static func application(
        _ rules: [PathRule] = [],
        assurance: Assurance = .twoFactor,
        audience: Audience = .everybody,
        sessionHours: Int? = nil,
        allowsEncodedPaths: Bool = false
    ) -> Application {
        Application(
            id: Application.ID(random: random),
            accountID: account.id,
            name: "Grafana",
            origin: Origin("https://grafana.example.com")!,
            assurance: assurance,
            sessionHours: sessionHours,
            allowsEncodedPaths: allowsEncodedPaths,
            audience: audience,
            rules: rules
        )
    }

    static func user(isAdmin: Bool = false, isEnabled: Bool = true, account id: Account.ID = account.id) -> User {
        User(
            id: User.ID(random: random),
            accountID: id,
            login: "bo",
            name: "Bo Lindqvist",
            isAccountAdmin: isAdmin,
            isEnabled: isEnabled
        )
    }

    static func visit(
        _ application: Application,
        user: User = user(),
        roles: [Role.ID: String] = [:],
        methods: Set<AuthenticationMethod> = [.password, .otp],
        hasTwoFactor: Bool = true,
        requiresTwoFactor: Bool = false,
        age: Int64 = 60,
        idle: Int64 = 10
    ) -> ApplicationVisit {
        var account = Self.account
        account.id = user.accountID
        account.requiresTwoFactor = requiresTwoFactor
        let portal = PortalSession(
            id: PortalSession.ID(random: random),
            digest: BearerToken(kind: .portalSession, random: random).digest,
            userID: user.id,
            accountID: user.accountID,
            methods: methods,
            createdAt: now - age,
            lastSeenAt: now - idle,
            address: "",
            userAgent: ""
        )
        let session = ApplicationSession(
            id: ApplicationSession.ID(random: random),
            digest: BearerToken(kind: .applicationSession, random: random).digest,
            applicationID: application.id,
            portalSessionID: portal.id,
            userID: user.id,
            accountID: user.accountID,
            createdAt: now - age,
            origin: application.origin.text
        )
        let view = SessionView(
            session: portal,
            user: user,
            account: account,
            permissions: Permissions(),
            hasTwoFactor: hasTwoFactor
        )
        return ApplicationVisit(session: session, portal: view, roles: roles)
    }

    static func bearer(
        _ application: Application,
        user: User = user(),
        roles: [Role.ID: String] = [:],
        lasting seconds: Int64 = 3_600,
        hasTwoFactor: Bool = true,
        requiresTwoFactor: Bool = false
    ) -> APITokenBearer {
        let token = APIToken(
            id: APIToken.ID(random: random),
            digest: BearerToken(kind: .apiToken, random: random).digest,
            userID: user.id,
            accountID: user.accountID,
            name: "Backup",
            applicationIDs: [application.id],
            createdAt: now - 60,
            expiresAt: now + seconds
        )
        return APITokenBearer(
            token: token,
            visitor: Visitor(user: user, roles: roles),
            hasTwoFactor: hasTwoFactor,
            requiresTwoFactor: requiresTwoFactor
        )
    }
}
