package import Accounts
package import Secrets
package import SignIn

/// One-time links: shown by GET, spent by POST.
extension PortalStore {
    package func link(_ digest: TokenDigest, at now: UnixTime) async throws(StoreError) -> LinkView? {
        try await database.read { connection in
            guard
                let row = try connection.first(
                    """
                    SELECT kind, person_id, made_by FROM one_time_link
                    WHERE digest = $1 AND (expires_at IS NULL OR expires_at > $2)
                    """,
                    [digest, now]
                ), let kind = BearerKind(rawValue: try row.text(0))
            else { return nil }
            guard !row.isNull(1) else { return LinkView(kind: kind, user: nil, accountName: "") }
            let person = try SubjectReader(connection: connection, keyRing: keyRing)
                .person(where: "p.id = $1", try row.text(1))
            guard let person, person.user.isEnabled, try isOpen(row, connection, for: person.user.id) else {
                return nil
            }
            return LinkView(kind: kind, user: person.user, accountName: person.account.name)
        }
    }

    package func spendLink(
        _ digest: TokenDigest,
        hash: PasswordHash,
        source: RequestSource,
        at now: UnixTime
    ) async throws(StoreError) -> User? {
        try await transactEnding(at: now) { connection in
            try Turns(connection: connection, keyRing: keyRing).take(link: digest)
            let row = try connection.first(
                """
                SELECT kind, person_id, made_by FROM one_time_link
                WHERE digest = $1 AND expires_at > $2 AND person_id IS NOT NULL
                """,
                [digest, now]
            )
            let reader = SubjectReader(connection: connection, keyRing: keyRing)
            guard let row, let person = try reader.person(where: "p.id = $1", try row.text(1)), person.user.isEnabled,
                try isOpen(row, connection, for: person.user.id),
                try connection.execute("DELETE FROM one_time_link WHERE digest = $1", [digest]) == 1
            else { return (nil, []) }
            let user = person.user
            let entry = ActivityEntry(
                .invitationAccepted,
                accountID: user.accountID,
                actor: ActivityPerson(user),
                address: source.address
            )
            try EffectWriter(connection: connection, keyRing: keyRing, now: now).apply(
                SignInCommit(
                    effects: [
                        .setPassword(user.id, hash, at: now), .endSessions(user.id, except: nil),
                        .closeAttempts(user.id), .endAgentSessions(user.id), .endAPITokens(user.id),
                        .dropPending(user.id),
                    ],
                    entries: [entry]
                )
            )
            // A newer link is the only one that counts, and it is spent.
            try connection.execute("DELETE FROM one_time_link WHERE person_id = $1", [user.id])
            return (user, [.person(user.id)])
        }
    }

    /// Whoever made a link has seen it: what its person was given since then must not be theirs.
    private func isOpen(
        _ row: SQLRow,
        _ connection: any SQLConnection,
        for user: User.ID
    ) throws(StoreError) -> Bool {
        // Made by the server's command line, or before links knew.
        guard !row.isNull(2) else { return true }
        let reader = AdministrationReader(connection: connection, keyRing: keyRing)
        guard let maker = try reader.holdings(of: try row.id(2)), let person = try reader.holdings(of: user) else {
            return false
        }
        return maker.cover(person)
    }

    /// Puts the first-run link in the place of an older one; false when an account exists already.
    package func offerFirstRun(_ digest: TokenDigest, at now: UnixTime) async throws(StoreError) -> Bool {
        try await transact { connection in
            try Turns(connection: connection, keyRing: keyRing).takeFirstRun()
            guard try connection.count("SELECT count(*) FROM account", []) == 0 else { return false }
            try connection.execute("DELETE FROM one_time_link WHERE kind = $1", [BearerKind.firstRun.rawValue])
            try connection.execute(
                "INSERT INTO one_time_link (digest, kind, created_at) VALUES ($1, $2, $3)",
                [digest, BearerKind.firstRun.rawValue, now]
            )
            return true
        }
    }
}
