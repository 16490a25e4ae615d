package import Accounts
package import Secrets

/// What the server does for the tables from time to time, and asks of them at start.
extension PortalStore {
    /// Takes away what has expired; small, indexed deletes that no sign-in waits for.
    package func cleanUp(at now: UnixTime) async throws(StoreError) {
        for removal in UpkeepRules.all.values.flatMap(\.removals) {
            try await database.write { connection in
                try connection.execute(removal.sql, removal.values(now))
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
