package import Accounts
package import Secrets

/// A long-lived value for a person's scripts. Opens the applications that it names, where a rule of theirs lets tokens
/// in, and nothing else.
package struct APIToken: Sendable, Equatable {
    package typealias ID = Secrets.ID<APIToken>

    package static let dayRange = 1...366
    package static let maximumPerUser = 50

    package var id: ID
    package var digest: TokenDigest
    package var userID: User.ID
    package var accountID: Account.ID
    package var name: String
    package var applicationIDs: Set<Application.ID>
    package var createdAt: UnixTime
    package var expiresAt: UnixTime
    package var lastUsedAt: UnixTime?

    package init(
        id: ID,
        digest: TokenDigest,
        userID: User.ID,
        accountID: Account.ID,
        name: String,
        applicationIDs: Set<Application.ID>,
        createdAt: UnixTime,
        expiresAt: UnixTime,
        lastUsedAt: UnixTime? = nil
    ) {
        self.id = id
        self.digest = digest
        self.userID = userID
        self.accountID = accountID
        self.name = name
        self.applicationIDs = applicationIDs
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

/// An API token with its owner, as both are at the moment of reading.
package struct APITokenBearer: Sendable {
    package var token: APIToken
    package var visitor: Visitor
    package var hasTwoFactor: Bool
    package var requiresTwoFactor: Bool

    package init(token: APIToken, visitor: Visitor, hasTwoFactor: Bool, requiresTwoFactor: Bool) {
        self.token = token
        self.visitor = visitor
        self.hasTwoFactor = hasTwoFactor
        self.requiresTwoFactor = requiresTwoFactor
    }
}

/// Who may make a token, and for what.
package enum APITokenRefusal: Sendable, Equatable {
    /// The session ended, or goes on under another token, since the request began.
    case sessionEnded
    /// A token outlives the session that makes it, so that session must have passed two-factor.
    case twoFactorRequired
    case noApplication
    case applicationNotAllowed
    case tooMany
    /// It may be made after a fresh proof; the entry says what would be made.
    case needsProof(ActivityEntry)
}

package enum APITokenRules {
    /// Nil when it may be made.
    /// - Parameters:
    ///   - hasFreshProof: of a second factor; asked for after every other refusal.
    ///   - entry: what would be told of it.
    package static func refusal(
        of token: APIToken,
        methodsPassedTwoFactor: Bool,
        hasFreshProof: Bool,
        visitor: Visitor,
        applications: [Application],
        existing: Int,
        entry: ActivityEntry
    ) -> APITokenRefusal? {
        guard methodsPassedTwoFactor else { return .twoFactorRequired }
        guard !token.applicationIDs.isEmpty else { return .noApplication }
        let usable = applications.filter { $0.admits(visitor.user, roles: visitor.roles.keys) }.map(\.id)
        guard token.applicationIDs.isSubset(of: usable) else { return .applicationNotAllowed }
        guard existing < APIToken.maximumPerUser else { return .tooMany }
        return hasFreshProof ? nil : .needsProof(entry)
    }
}
