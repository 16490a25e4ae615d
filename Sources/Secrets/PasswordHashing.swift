/// The slow hashing of passwords, on a bounded number of threads somewhere outside.
package protocol PasswordHashing: Sendable {
    /// A new hash of a password, under a new salt and the current parameters.
    func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash

    /// Whether a password is the one that a hash was made of.
    func verify(
        _ password: Password,
        against hash: PasswordHash
    ) async throws(PasswordHashingError) -> PasswordVerification

    /// Begins the same at once, without waiting for it; what is returned waits. Nobody has to.
    func beginVerifying(
        _ password: Password,
        against hash: PasswordHash
    ) -> @Sendable () async throws(PasswordHashingError) -> PasswordVerification

    /// The hash to verify against when there is no such login: the same work, and never a match.
    var decoy: PasswordHash { get }

    /// Whether a hash asked for now would begin at once.
    var isFree: Bool { get }
}

package enum PasswordVerification: Hashable, Sendable {
    case mismatch
    /// The right password. It needs a new hash when the stored one was made with other parameters than today's.
    case match(needsRehash: Bool)
}

package enum PasswordHashingError: Error, Hashable, Sendable {
    /// All threads are busy and the queue is full: say "try again", not "wrong password".
    case overloaded
    /// The hash could not be computed.
    case failed
}
