package import Accounts
package import Secrets
import SignIn

/// What the server does for the tables from time to time, and asks of them at start.
extension PortalStore {
    /// Takes away what has expired; small, indexed deletes that no sign-in waits for.
    package func cleanUp(at now: UnixTime) async throws(StoreError) {
        let day: Int64 = 24 * 3600
        let steps: [(String, [any SQLConvertible & Sendable])] = [
            ("DELETE FROM sign_in_attempt WHERE expires_at <= $1", [now]),
            ("DELETE FROM pending_enrolment WHERE expires_at <= $1", [now]),
            ("DELETE FROM agent_session WHERE expires_at <= $1", [now]),
            // No session lives longer than 720 hours or rests longer than a day, whatever an account sets.
            ("DELETE FROM portal_session WHERE last_seen_at <= $1", [now - day]),
            ("DELETE FROM one_time_link WHERE expires_at <= $1", [now - day]),
            ("DELETE FROM hand_over_ticket WHERE expires_at <= $1", [now]),
            ("DELETE FROM waiting_post WHERE expires_at <= $1", [now]),
            ("DELETE FROM reserved_login WHERE freed_at <= $1", [LoginReservation.end(at: now)]),
            ("DELETE FROM api_token WHERE expires_at <= $1", [now - 30 * day]),
            // Every node has heard of it after a second.
            ("DELETE FROM access_change WHERE changed_at <= $1", [now - 3600]),
            // A run of wrong tokens is kept: time does not clear it (threats A12).
            (
                "DELETE FROM throttle WHERE updated_at <= $1 AND (kind <> $2 OR scope <> $3 OR consecutive = 0)",
                [now - day, ThrottleKind.token.rawValue, "login"]
            ),
        ]
        for (sql, values) in steps {
            try await database.write { connection in
                try connection.execute(sql, values)
                return ()
            }
        }
    }

    /// Whether the database answers and has what this program needs. A newer schema has: a step only adds, so that
    /// nodes go on while the next version is rolled out.
    package func schemaFits() async throws(StoreError) -> Bool {
        try await database.read {
            try $0.count("SELECT coalesce(max(version), 0) FROM schema_version", []) >= Schema.version
        }
    }

    package enum SealProblem: Sendable, Equatable {
        case none
        /// The key file belongs to another database.
        case wrongKeyFile
        /// So many of the first hundred authenticators do not open under this key ring.
        case unreadable(Int)
    }

    private static let sealCheckText = Array("countersign".utf8)

    /// Leaves a sealed value behind when there is none yet, so that a wrong key file is noticed before the first secret
    /// is lost to it.
    package func plantSealCheck() async throws(StoreError) {
        let id = keyRing.current.id.description
        let place = SealPlaces.check(id)
        guard let sealed = try? keyRing.seal(Self.sealCheckText, in: place) else {
            throw .corrupt("the check value could not be sealed")
        }
        try await database.write { connection in
            try connection.hold(["schema"])
            guard try connection.count("SELECT count(*) FROM seal_check", []) == 0 else { return }
            try connection.execute("INSERT INTO seal_check (key_id, sealed) VALUES ($1, $2)", [id, sealed.bytes])
        }
    }

    /// Tries the key ring on what the database holds; a wrong key file must be refused at start.
    package func checkSeals() async throws(StoreError) -> SealProblem {
        let keyRing = keyRing
        return try await database.read { connection in
            for row in try connection.query("SELECT key_id, sealed FROM seal_check", []) {
                let place = SealPlaces.check(try row.text(0))
                let text = try? keyRing.open(SealedValue(bytes: try row.blob(1)), in: place)
                guard text == Self.sealCheckText else { return .wrongKeyFile }
            }
            var unreadable = 0
            for row in try connection.query("SELECT id, secret FROM authenticator ORDER BY id LIMIT 100", []) {
                let place = SealPlaces.authenticator(try row.id(0))
                if (try? keyRing.open(SealedValue(bytes: try row.blob(1)), in: place)) == nil { unreadable += 1 }
            }
            return unreadable == 0 ? .none : .unreadable(unreadable)
        }
    }
}
