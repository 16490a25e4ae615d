package import Accounts
import OneTimePassword
package import Secrets
package import SignIn

extension PortalStore: SignInStore {
    package func decide<Outcome: Sendable>(
        _ request: SubjectRequest,
        at now: UnixTime,
        _ rule: @escaping @Sendable (SignInState) -> Decision<Outcome>
    ) async throws(StoreError) -> Outcome {
        try await transactEnding(at: now) { connection in
            try Turns(connection: connection, keyRing: keyRing).take(request)
            let state = try SubjectReader(connection: connection, keyRing: keyRing).state(request)
            let decision = rule(state)
            try EffectWriter(connection: connection, keyRing: keyRing, now: now).apply(decision.commit)
            return (decision.outcome, decision.commit.endings)
        }
    }

    package func state(_ request: SubjectRequest) async throws(StoreError) -> SignInState {
        try await database.readBriefly { connection in
            try SubjectReader(connection: connection, keyRing: keyRing).state(request)
        }
    }

    package func sessionView(_ digest: TokenDigest) async throws(StoreError) -> SessionView? {
        try await database.read { connection in
            try SubjectReader(connection: connection, keyRing: keyRing).sessionView(digest)
        }
    }

    package func touchSession(_ id: PortalSession.ID, at now: UnixTime) async throws(StoreError) {
        try await database.write { connection in
            try connection.execute(
                "UPDATE portal_session SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1",
                [now, id]
            )
            return ()
        }
    }

    package func divert(
        _ session: PortalSession,
        to attempt: SignInAttempt,
        entry: ActivityEntry,
        at now: UnixTime
    ) async throws(StoreError) -> Bool {
        try await transactEnding(at: now) { connection in
            try Turns(connection: connection, keyRing: keyRing).take(session.userID)
            let ended = try connection.execute("DELETE FROM portal_session WHERE id = $1", [session.id])
            guard ended == 1 else { return (false, []) }
            try EffectWriter(connection: connection, keyRing: keyRing, now: now)
                .apply(SignInCommit(effects: [.insertAttempt(attempt)], entries: [entry]))
            return (true, [.person(session.userID)])
        }
    }

    package func endAttempt(
        _ digest: TokenDigest,
        source: RequestSource,
        at now: UnixTime
    ) async throws(StoreError) {
        try await transact { connection in
            let request = SubjectRequest(.attempt(digest), [], throttles: [], source: source)
            try Turns(connection: connection, keyRing: keyRing).take(request)
            let state = try SubjectReader(connection: connection, keyRing: keyRing).state(request)
            guard let attempt = state.attempt, let subject = state.subject else { return }
            let entry = ActivityEntry(
                .signedOut,
                accountID: subject.account.id,
                actor: subject.person,
                address: source.address,
                parameters: [ActivityParameter("sign-in", "not finished")]
            )
            try EffectWriter(connection: connection, keyRing: keyRing, now: now).apply(
                SignInCommit(effects: [.closeAttempt(attempt.id, version: attempt.version)], entries: [entry])
            )
        }
    }

    package func attemptView(_ digest: TokenDigest, at now: UnixTime) async throws(StoreError) -> AttemptView? {
        try await database.read { connection in
            let source = RequestSource(address: "", throttleKey: nil)
            let request = SubjectRequest(.attempt(digest), .pending, throttles: [], source: source)
            let state = try SubjectReader(connection: connection, keyRing: keyRing).state(request)
            guard let attempt = state.attempt, let subject = state.subject, now < attempt.expiresAt,
                subject.user.isEnabled
            else { return nil }
            return AttemptView(attempt: attempt, subject: subject)
        }
    }

    package func ownView(_ session: PortalSession.ID) async throws(StoreError) -> OwnView? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    "SELECT s.person_id FROM portal_session s WHERE s.id = $1",
                    [session]
                )
            else { return nil }
            let reader = SubjectReader(connection: connection, keyRing: keyRing)
            let user: User.ID = try row.id(0)
            guard let person = try reader.person(where: "p.id = $1", user) else { return nil }
            let subject = try reader.subject(person, .all)
            return OwnView(
                subject: subject,
                recoveryCodesLeft: subject.recoveryCodes.count,
                unkeptRecoveryCodes: try unkeptCodes(connection, user),
                sessions: try connection.query(
                    "SELECT \(Rows.session) FROM portal_session s WHERE s.person_id = $1 ORDER BY s.last_seen_at DESC",
                    [user]
                ).map { try Rows.session($0) },
                agentSessions: try connection.query(
                    "SELECT \(Rows.agentSession) FROM agent_session g WHERE g.person_id = $1 ORDER BY g.created_at DESC",
                    [user]
                ).map { try Rows.agentSession($0) },
                enabledAdmins: try connection.count(
                    "SELECT count(*) FROM person WHERE account_id = $1 AND account_admin = 1 AND enabled = 1",
                    [person.account.id]
                )
            )
        }
    }

    /// Codes that wait to be kept, all of them or none; none also when they do not open, so that the page which
    /// replaces them can still be reached.
    private func unkeptCodes(_ connection: any SQLConnection, _ user: User.ID) throws -> [RecoveryCode] {
        let rows = try connection.query(
            "SELECT place, sealed FROM recovery_code WHERE person_id = $1 AND sealed IS NOT NULL ORDER BY place",
            [user]
        )
        var codes: [RecoveryCode] = []
        for row in rows {
            let place = SealPlaces.recoveryCode(user, place: Int(try row.integer(0)))
            guard let text = try? keyRing.open(SealedValue(bytes: try row.blob(1)), in: place),
                let code = RecoveryCode(parsing: String(decoding: text, as: UTF8.self))
            else { return [] }
            codes.append(code)
        }
        return codes
    }
}
