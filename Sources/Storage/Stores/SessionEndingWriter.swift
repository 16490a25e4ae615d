import Accounts
import Secrets
import SignIn

/// Writes what a commit ends into that very commit, for what other nodes and processes remember; where the engine can
/// say it at once, it does.
struct SessionEndingWriter {
    let connection: any SQLConnection
    let now: UnixTime

    func append(_ endings: [SessionEnding]) throws(StoreError) {
        for ending in endings {
            var person: User.ID?
            var account: Account.ID?
            switch ending {
            case .person(let id): person = id
            case .account(let id): account = id
            case .all: throw .corrupt("an ending of everybody's sessions is heard, never written")
            }
            try connection.execute(
                "INSERT INTO access_change (changed_at, person_id, account_id) VALUES ($1, $2, $3)",
                [now, person, account]
            )
            if connection.hasOtherWriters { try connection.announce(ending.announcement) }
        }
    }
}

extension SessionEnding {
    /// What these effects take away or rewrite; opening something changes nothing that is remembered.
    static func made(by effects: [AdministrationEffect], in account: Account.ID) -> [SessionEnding] {
        var seen: Set<SessionEnding> = []
        return effects.compactMap { change($0, account) }.filter { seen.insert($0).inserted }
    }

    private static func change(_ effect: AdministrationEffect, _ account: Account.ID) -> SessionEnding? {
        switch effect {
        case .setRequirement, .setSessionLimits, .updateRole, .deleteRole: .account(account)
        case .setEnabled(let user, _), .deleteUser(let user), .setRoles(let user, _), .setAdmin(let user, _),
            .clearTwoFactor(let user), .replacePasswordByLink(let user, _), .setPassword(let user, _, _),
            .endPortalSessions(let user), .endAPITokens(let user), .endAPIToken(let user, _):
            .person(user)
        case .endUnreachableTokens(let user): user.map { .person($0) } ?? .account(account)
        case .setAgentSignIn, .setAccount, .insertUser, .endAgentSessions, .endAllAgentSessions, .insertRole: nil
        }
    }
}
