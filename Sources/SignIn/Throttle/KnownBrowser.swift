import Secrets

/// A browser that has signed in as somebody before, to the end.
package enum KnownBrowser {
    /// A person's, each with a budget of guesses; the one that was used the longest ago is forgotten first.
    package static let maximum = 10
    /// Logins that one browser remembers to have signed in as.
    package static let loginsPerBrowser = 4
    /// Since the last sign-in there.
    package static let days: Int64 = 90
}

extension Decision {
    /// The same with what was known of the browser, and whether the decision makes it known.
    func withBrowser(of state: SignInState) -> Decision<(Outcome, known: TokenDigest?, isNew: Bool)> {
        let isNew = commit.effects.contains { effect in
            if case .knowBrowser = effect { return true }
            return false
        }
        return Decision<(Outcome, known: TokenDigest?, isNew: Bool)>(
            (outcome, state.throttles.knownBrowser, isNew),
            commit.effects,
            commit.entries
        )
    }
}
