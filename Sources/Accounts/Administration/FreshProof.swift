/// What a session's person has shown within the last minutes (SP 800-63B 4.2, reauthentication).
package enum FreshProof: Sendable, Equatable {
    case none
    case password
    /// A token or a recovery code, or a factor that was just configured.
    case secondFactor

    /// Whether it is enough for what weakens or grants: a second factor of whoever has one, the password of others.
    package func suffices(hasTwoFactor: Bool) -> Bool {
        switch self {
        case .none: false
        case .password: !hasTwoFactor
        case .secondFactor: true
        }
    }
}

/// What a change asks for.
package enum ProofNeed: String, Sendable {
    /// The strongest that the person has: for what weakens or grants.
    case strongest
    /// The password whatever else there is: for what takes away and gives nothing.
    case password
}
