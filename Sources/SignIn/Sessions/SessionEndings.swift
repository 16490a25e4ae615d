package import Accounts

/// Whose sessions have ended, or may do less than before: whoever keeps a copy of one forgets it.
package enum SessionEnding: Sendable, Hashable {
    case person(User.ID)
    case account(Account.ID)
    /// Anybody's: some announcement may be lost.
    case all
}

/// Tells this node that sessions have ended, on whichever node that was.
///
/// What this node ends itself is told before the answer goes out. What another node ends is told within a second; while
/// the other nodes cannot be heard, `all` is told again and again. What another process does to an embedded database
/// (the command line) is not told here: each ending also stands in a row of its commit, which whoever keeps a copy of a
/// session reads on its own, and may not answer from the copy for longer than half a second without having read them.
package protocol SessionEndings: Sendable {
    /// - Parameter body: called on any thread; it must not wait.
    func observe(_ body: @escaping @Sendable (SessionEnding) -> Void)
}

extension SignInCommit {
    /// Whose sessions the commit ends or changes; each person once.
    package var endings: [SessionEnding] {
        var endings: [SessionEnding] = []
        for effect in effects {
            guard let user = effect.endsSessions, !endings.contains(.person(user)) else { continue }
            endings.append(.person(user))
        }
        return endings
    }
}

extension SignInEffect {
    fileprivate var endsSessions: User.ID? {
        switch self {
        case .endSession(_, let user), .endSessions(let user, _), .endAgentSession(_, let user),
            .endAgentSessions(let user), .endAPITokens(let user), .endApplicationSessions(_, let user),
            .setPassword(let user, _, _),
            .setProfile(let user, _, _),
            .insertAuthenticator(let user, _), .removeAuthenticator(_, let user), .removeAuthenticators(let user):
            user
        case .renewSession(let session): session.userID
        case .saveThrottle, .insertAttempt, .updateAttempt, .closeAttempt, .closeAttempts, .acceptStep,
            .countWrongProof, .spendRecoveryCode, .insertSession, .insertAgentSession, .rehash, .replaceRecoveryCodes,
            .dropRecoveryCodes, .keepRecoveryCodes, .savePending, .dropPending, .recordSignIn,
            .knowBrowser, .touchBrowser:
            nil
        }
    }
}
