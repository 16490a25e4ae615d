package import Secrets

/// What lists and pages show of a person.
package struct UserSummary: Sendable {
    package var user: User
    package var roleNames: [String]
    package var hasTwoFactor: Bool
    package var hasPassword: Bool
    package var lastSignInAt: UnixTime?
    /// Nobody has chosen a password yet; after a reset there was one.
    package var isInvited: Bool

    package init(
        user: User,
        roleNames: [String],
        hasTwoFactor: Bool,
        hasPassword: Bool,
        lastSignInAt: UnixTime?,
        isInvited: Bool
    ) {
        self.user = user
        self.roleNames = roleNames
        self.hasTwoFactor = hasTwoFactor
        self.hasPassword = hasPassword
        self.lastSignInAt = lastSignInAt
        self.isInvited = isInvited
    }
}

/// The page of one person.
package struct UserDetail: Sendable {
    package var summary: UserSummary
    package var roleIDs: [Role.ID]
    package var configuredAt: UnixTime?
    package var recoveryCodesLeft: Int
    /// 100 wrong tokens in a row.
    package var isFactorClosed: Bool
    package var sessions: Int
    package var agentSessions: Int
    package var createdAt: UnixTime
    package var passwordChangedAt: UnixTime?
    /// An admin other than this person could still sign in.
    package var otherAbleAdmins: Int

    package init(
        summary: UserSummary,
        roleIDs: [Role.ID],
        configuredAt: UnixTime?,
        recoveryCodesLeft: Int,
        isFactorClosed: Bool,
        sessions: Int,
        agentSessions: Int,
        createdAt: UnixTime,
        passwordChangedAt: UnixTime?,
        otherAbleAdmins: Int
    ) {
        self.summary = summary
        self.roleIDs = roleIDs
        self.configuredAt = configuredAt
        self.recoveryCodesLeft = recoveryCodesLeft
        self.isFactorClosed = isFactorClosed
        self.sessions = sessions
        self.agentSessions = agentSessions
        self.createdAt = createdAt
        self.passwordChangedAt = passwordChangedAt
        self.otherAbleAdmins = otherAbleAdmins
    }
}

package struct RoleSummary: Sendable {
    package var role: Role
    package var people: Int

    package init(role: Role, people: Int) {
        self.role = role
        self.people = people
    }
}

/// Who is ready for the requirement and who is not.
package struct Readiness: Sendable {
    package var people: Int
    package var ready: Int
    /// The first of those who are not.
    package var unready: [UserSummary]
    package var enabledAdmins: Int

    package init(people: Int, ready: Int, unready: [UserSummary], enabledAdmins: Int) {
        self.people = people
        self.ready = ready
        self.unready = unready
        self.enabledAdmins = enabledAdmins
    }
}

package enum UserFilter: String, Sendable, CaseIterable {
    case all
    case configured
    case unconfigured = "not-configured"
    case admins
    case disabled
    case invited
}

package struct UserQuery: Sendable {
    package var text: String
    package var filter: UserFilter
    package var page: Int

    package init(text: String = "", filter: UserFilter = .all, page: Int = 1) {
        self.text = text
        self.filter = filter
        self.page = page
    }
}

/// One page of a longer list.
package struct Page<Item: Sendable>: Sendable {
    package static var size: Int { 50 }

    package var items: [Item]
    package var total: Int

    package init(items: [Item], total: Int) {
        self.items = items
        self.total = total
    }
}

package struct ActivityQuery: Sendable {
    package var userID: User.ID?
    package var text: String
    /// From this time on.
    package var from: UnixTime?
    /// Before this time.
    package var until: UnixTime?
    package var page: Int

    package init(
        userID: User.ID? = nil,
        text: String = "",
        from: UnixTime? = nil,
        until: UnixTime? = nil,
        page: Int = 1
    ) {
        self.userID = userID
        self.text = text
        self.from = from
        self.until = until
        self.page = page
    }
}

/// An entry as it was written.
package struct ActivityRecord: Sendable {
    package var number: Int64
    package var happenedAt: UnixTime
    /// Nil for a kind that this program does not know any more.
    package var kind: ActivityKind?
    package var actorName: String
    package var actorLogin: String
    package var subjectName: String
    package var subjectLogin: String
    package var address: String
    package var parameters: [ActivityParameter]
    package var times: Int

    package init(
        number: Int64,
        happenedAt: UnixTime,
        kind: ActivityKind?,
        actorName: String,
        actorLogin: String,
        subjectName: String,
        subjectLogin: String,
        address: String,
        parameters: [ActivityParameter],
        times: Int
    ) {
        self.number = number
        self.happenedAt = happenedAt
        self.kind = kind
        self.actorName = actorName
        self.actorLogin = actorLogin
        self.subjectName = subjectName
        self.subjectLogin = subjectLogin
        self.address = address
        self.parameters = parameters
        self.times = times
    }

    package var sentence: String {
        // Only the command line has no address.
        let nobody = address.isEmpty ? "The server's command line" : "unknown logins"
        let actor = actorName.isEmpty ? nobody : actorName
        let text = kind?.sentence(actor: actor, subject: subjectName) ?? "Something happened"
        return times > 1 ? "\(text) (\(times) times)" : text
    }
}

/// What lists and pages read. Every call names the account, so that no row of another tenant is ever reached.
package protocol Directory: Sendable {
    func accounts() async throws(StoreError) -> [Account]
    func users(_ account: Account.ID, _ query: UserQuery) async throws(StoreError) -> Page<UserSummary>
    func userCounts(_ account: Account.ID) async throws(StoreError) -> [UserFilter: Int]
    func user(_ account: Account.ID, _ id: User.ID) async throws(StoreError) -> UserDetail?
    /// For the command line: a login is unique over all accounts.
    func user(login: Login) async throws(StoreError) -> User?
    func roles(_ account: Account.ID) async throws(StoreError) -> [RoleSummary]
    func readiness(_ account: Account.ID) async throws(StoreError) -> Readiness
    func activity(_ account: Account.ID, _ query: ActivityQuery) async throws(StoreError) -> Page<ActivityRecord>
    /// The newest `limit` entries that are older than an entry (of all, without one), whatever page the query names.
    func activity(
        _ account: Account.ID,
        _ query: ActivityQuery,
        before number: Int64?,
        limit: Int
    ) async throws(StoreError) -> [ActivityRecord]
}
