import Accounts
import OneTimePassword
import Secrets
import SignIn

/// Applies the effects of a decision. A guarded write that changes no row is a conflict: the decision was made on
/// something that is no longer so.
struct EffectWriter {
    static let liveAttemptsPerLogin = 50

    let connection: any SQLConnection
    let keyRing: KeyRing
    let now: UnixTime

    func apply(_ commit: SignInCommit) throws(StoreError) {
        for effect in commit.effects { try apply(effect) }
        try ActivityWriter(connection: connection, now: now).append(commit.entries)
    }

    private func apply(_ effect: SignInEffect) throws(StoreError) {
        switch effect {
        case .saveThrottle(let key, let state): try save(key, state)
        case .insertAttempt(let attempt): try insert(attempt)
        case .updateAttempt(let attempt): try update(attempt)
        case .closeAttempt(let id, let version):
            try once("DELETE FROM sign_in_attempt WHERE id = $1 AND version = $2", [id, version])
        case .closeAttempts(let user): try run("DELETE FROM sign_in_attempt WHERE person_id = $1", [user])
        case .insertSession(let session): try insert(session)
        case .renewSession(let session):
            try once(
                """
                UPDATE portal_session SET digest = $1, methods = $2, recovery_until = $3, proven_at = $4,
                proven_by = $5, wrong_proofs = $6 WHERE id = $7 AND person_id = $8
                """,
                [
                    session.digest, session.methods.text, session.recoveryUntil, session.proof?.at,
                    session.proof?.method.rawValue, session.wrongProofs, session.id, session.userID,
                ]
            )
            try run("DELETE FROM hand_over_ticket WHERE portal_session_id = $1", [session.id])
        case .countWrongProof(let id, let user, let count):
            try once(
                "UPDATE portal_session SET wrong_proofs = $1 WHERE id = $2 AND person_id = $3 AND wrong_proofs = $1 - 1",
                [count, id, user]
            )
        case .endSession(let id, let user):
            try run("DELETE FROM portal_session WHERE id = $1 AND person_id = $2", [id, user])
        case .endSessions(let user, let except):
            // Whoever was in may have taken what this person's browsers are known by.
            try KnownBrowsers(connection: connection).forget(all: user)
            try run("DELETE FROM portal_session WHERE person_id = $1 AND id <> $2", [user, except?.description ?? ""])
        case .insertAgentSession(let session): try insert(session)
        case .endAgentSession(let id, let user):
            try run("DELETE FROM agent_session WHERE id = $1 AND person_id = $2", [id, user])
        case .endAgentSessions(let user): try run("DELETE FROM agent_session WHERE person_id = $1", [user])
        case .endApplicationSessions(let session, _):
            try run("DELETE FROM application_session WHERE portal_session_id = $1", [session])
        case .endAPITokens(let user): try run("DELETE FROM api_token WHERE person_id = $1", [user])
        case .rehash(let user, let old, let new):
            // Not guarded: whoever changed the password meanwhile wins, and that is no conflict (threats E19).
            try run(
                "UPDATE person SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
                [new.phc, user, old.phc]
            )
        case .setPassword(let user, let hash, let time):
            try once(
                "UPDATE person SET password_hash = $1, password_changed_at = $2, must_change = 0 WHERE id = $3",
                [hash.phc, time, user]
            )
        case .setProfile(let user, let name, let email):
            try once("UPDATE person SET name = $1, email = $2 WHERE id = $3", [name, email, user])
        case .knowBrowser(let user, let digest, let time):
            try KnownBrowsers(connection: connection).remember(digest, of: user, at: time)
        case .touchBrowser(let user, let digest, let time):
            try KnownBrowsers(connection: connection).touch(digest, of: user, at: time)
        case .recordSignIn(let user, let time):
            try run("UPDATE person SET last_sign_in_at = $1 WHERE id = $2", [time, user])
        default: try applyFactor(effect)
        }
    }

    private func applyFactor(_ effect: SignInEffect) throws(StoreError) {
        switch effect {
        case .acceptStep(let id, let step, let time):
            // Of any number of simultaneous submissions exactly one changes the row (INV-1, INV-2).
            try once(
                "UPDATE authenticator SET last_step = $1, last_used_at = $2 WHERE id = $3 AND last_step < $1",
                [Int64(clamping: step.rawValue), time, id]
            )
        case .spendRecoveryCode(let user, let digest, let time):
            try once(
                """
                UPDATE recovery_code SET used_at = $1, sealed = NULL
                WHERE person_id = $2 AND digest = $3 AND used_at IS NULL
                """,
                [time, user, digest]
            )
        case .insertAuthenticator(let user, let authenticator): try insert(authenticator, of: user)
        case .removeAuthenticator(let id, let user):
            try once("DELETE FROM authenticator WHERE id = $1 AND person_id = $2", [id, user])
        case .removeAuthenticators(let user): try run("DELETE FROM authenticator WHERE person_id = $1", [user])
        case .replaceRecoveryCodes(let user, let codes): try replaceRecoveryCodes(of: user, codes)
        case .dropRecoveryCodes(let user): try run("DELETE FROM recovery_code WHERE person_id = $1", [user])
        case .keepRecoveryCodes(let user):
            try run("UPDATE recovery_code SET sealed = NULL WHERE person_id = $1", [user])
        case .savePending(let user, let pending): try save(pending, of: user)
        case .dropPending(let user): try run("DELETE FROM pending_enrolment WHERE person_id = $1", [user])
        default: throw .corrupt("an effect without a writer")
        }
    }

    // MARK: Statements

    private func run(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) {
        try connection.execute(sql, parameters)
    }

    private func once(_ sql: String, _ parameters: [any SQLConvertible]) throws(StoreError) {
        guard try connection.execute(sql, parameters) == 1 else { throw .conflict }
    }

    private func save(_ key: ThrottleKey, _ state: ThrottleState) throws(StoreError) {
        try run(
            """
            INSERT INTO throttle (kind, scope, subject, consecutive, blocked_until, recent, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (kind, scope, subject) DO UPDATE SET consecutive = excluded.consecutive,
            blocked_until = excluded.blocked_until, recent = excluded.recent, updated_at = excluded.updated_at
            """,
            key.columns + [state.consecutive, state.blockedUntil, TimeList.encode(state.recent), now]
        )
    }

    private func insert(_ attempt: SignInAttempt) throws(StoreError) {
        // Counted on, not timed: fifty can begin within one second.
        let last = try connection.first(
            "SELECT coalesce(max(place), 0), count(*) FROM sign_in_attempt WHERE person_id = $1",
            [attempt.userID]
        )
        let (place, count) = (try last?.integer(0) ?? 0, try last?.integer(1) ?? 0)
        if count >= Self.liveAttemptsPerLogin {
            try run(
                """
                DELETE FROM sign_in_attempt WHERE id IN (SELECT id FROM sign_in_attempt WHERE person_id = $1
                ORDER BY place DESC, id LIMIT 1000000 OFFSET $2)
                """,
                [attempt.userID, Self.liveAttemptsPerLogin - 1]
            )
        }
        try run(
            """
            INSERT INTO sign_in_attempt (id, digest, account_id, person_id, stage, methods, wrong_tokens, return_to,
            place, expires_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
            """,
            [
                attempt.id, attempt.digest, attempt.accountID, attempt.userID, attempt.stage.rawValue,
                attempt.methods.text, attempt.wrongTokens, attempt.returnTo, place + 1, attempt.expiresAt,
            ]
        )
    }

    private func update(_ attempt: SignInAttempt) throws(StoreError) {
        try once(
            """
            UPDATE sign_in_attempt SET digest = $1, stage = $2, methods = $3, wrong_tokens = $4, return_to = $5,
            expires_at = $6, version = version + 1 WHERE id = $7 AND version = $8
            """,
            [
                attempt.digest, attempt.stage.rawValue, attempt.methods.text, attempt.wrongTokens, attempt.returnTo,
                attempt.expiresAt, attempt.id, attempt.version,
            ]
        )
    }

    private func insert(_ session: PortalSession) throws(StoreError) {
        try run(
            """
            INSERT INTO portal_session (id, digest, account_id, person_id, methods, created_at, last_seen_at,
            recovery_until, address, user_agent, proven_at, proven_by, wrong_proofs)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                session.id, session.digest, session.accountID, session.userID, session.methods.text,
                session.createdAt, session.lastSeenAt, session.recoveryUntil, session.address, session.userAgent,
                session.proof?.at, session.proof?.method.rawValue, session.wrongProofs,
            ]
        )
    }

    private func insert(_ session: AgentSession) throws(StoreError) {
        try run(
            """
            INSERT INTO agent_session (id, digest, account_id, person_id, created_at, expires_at, address, user_agent)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                session.id, session.digest, session.accountID, session.userID, session.createdAt, session.expiresAt,
                session.address, session.userAgent,
            ]
        )
    }

    // MARK: Sealed values

    private func insert(_ authenticator: Authenticator, of user: User.ID) throws(StoreError) {
        guard case .readable(let secret) = authenticator.secret else { throw .corrupt("a secret that does not open") }
        let sealed = try seal(secret.bytes, SealPlaces.authenticator(authenticator.id))
        try once(
            """
            INSERT INTO authenticator (id, account_id, person_id, name, secret, last_step, created_at)
            SELECT $1, p.account_id, p.id, $2, $3, $4, $5 FROM person p WHERE p.id = $6
            """,
            [
                authenticator.id, authenticator.name, sealed, Int64(clamping: authenticator.lastAcceptedStep.rawValue),
                authenticator.createdAt, user,
            ]
        )
    }

    private func replaceRecoveryCodes(of user: User.ID, _ codes: [RecoveryCode]) throws(StoreError) {
        try run("DELETE FROM recovery_code WHERE person_id = $1", [user])
        for (place, code) in codes.enumerated() {
            let sealed = try seal(Array(code.text.utf8), SealPlaces.recoveryCode(user, place: place))
            try once(
                """
                INSERT INTO recovery_code (person_id, account_id, digest, place, sealed)
                SELECT p.id, p.account_id, $1, $2, $3 FROM person p WHERE p.id = $4
                """,
                [code.digest, place, sealed, user]
            )
        }
    }

    private func save(_ pending: PendingEnrolment, of user: User.ID) throws(StoreError) {
        try run("DELETE FROM pending_enrolment WHERE person_id = $1", [user])
        try once(
            """
            INSERT INTO pending_enrolment (person_id, account_id, id, session_id, secret, wrong_pairs,
            replaces_others, expires_at, attempt_id, address, other_address)
            SELECT p.id, p.account_id, $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM person p WHERE p.id = $10
            """,
            [
                pending.id, pending.sessionID, try seal(pending.secret.bytes, SealPlaces.pending(pending.id)),
                pending.wrongPairs, pending.replacesOthers, pending.expiresAt, pending.attemptID,
                pending.address, pending.otherAddress, user,
            ]
        )
    }

    private func seal(_ bytes: [UInt8], _ place: SealContext) throws(StoreError) -> [UInt8] {
        guard let sealed = try? keyRing.seal(bytes, in: place) else { throw .corrupt("a secret could not be sealed") }
        return sealed.bytes
    }
}
