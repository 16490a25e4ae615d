import Accounts
import Credentials
import Foundation
import Gateway
import Secrets
import Storage

/// Looks at the database and its key file, and makes neither.
struct DataChecks {
    let settings: DatabaseSettings

    func findings() async -> [Finding] {
        let (keyFinding, ring) = keyFile()
        var findings = [keyFinding]
        if ring != nil, settings.keyFileIsBesideDatabase {
            findings.append(
                Finding(
                    .warning,
                    .keyFile,
                    "The key file is in the same folder as the database.",
                    advice: "Whoever copies the folder has the secrets too; --key-file can name another place."
                )
            )
        }
        switch settings.place {
        case .embedded(let path): findings += await embedded(path, ring)
        case .server(let server): findings += await self.server(server, ring)
        }
        return findings
    }

    private func embedded(_ path: String, _ ring: KeyRing?) async -> [Finding] {
        guard Composition.holdsData(path) else {
            return [
                Finding(
                    .error,
                    .database,
                    "There is no database at \(path).",
                    advice: "Correct the path, or make it with `countersign serve`."
                )
            ]
        }
        return await [modes(path)] + opened(path, ring)
    }

    private func opened(_ path: String, _ ring: KeyRing?) async -> [Finding] {
        do {
            let database = try SQLiteDatabase(path: path, creating: false)
            defer { database.close() }
            if let problem = try await database.integrityProblem() {
                return [Finding(.error, .database, "The database is damaged: \(problem).", advice: Self.restoreAdvice)]
            }
            return await [Finding(.ok, .database, "The database \(path) is intact.")]
                + content(.embedded(database), ring)
        } catch {
            return [Finding(.error, .database, CommandFailure(error).sentence, advice: Self.restoreAdvice)]
        }
    }

    private func server(_ server: PostgresSettings, _ ring: KeyRing?) async -> [Finding] {
        do {
            let database = try await PostgresDatabase.open(server)
            defer { database.close() }
            return await [
                Finding(.ok, .database, "PostgreSQL answers and keeps what it is told."), clock(database),
            ] + content(.server(database), ring)
        } catch {
            return [Finding(.error, .database, CommandFailure(error).sentence, advice: "Correct the setting database.")]
        }
    }

    private func clock(_ database: PostgresDatabase) -> Finding {
        let ahead = database.clock.secondsAhead
        guard !database.clock.isRight else {
            return Finding(.ok, .clock, "The clock of this node agrees with the database's.")
        }
        return Finding(
            .error,
            .clock,
            "The clock of this node is \(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") the database's, "
                + "and the node is not ready like this.",
            advice: "See that an NTP service runs on both."
        )
    }

    private static let restoreAdvice = "If the file is damaged, put a backup in its place."

    // MARK: Files

    private func keyFile() -> (Finding, KeyRing?) {
        do {
            let ring = try KeyFile.load(settings.keyFilePath).ring
            return (Finding(.ok, .keyFile, "The key file \(settings.keyFilePath) can be read by its owner only."), ring)
        } catch {
            return (Finding(.error, .keyFile, error.description), nil)
        }
    }

    private func modes(_ path: String) -> Finding {
        let files = ["", "-wal", "-shm"].map { path + $0 }
        let open = files.filter { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return ((attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0) & 0o077 != 0
        }
        guard !open.isEmpty else {
            return Finding(.ok, .fileModes, "The database can be read by its owner only.")
        }
        return Finding(
            .error,
            .fileModes,
            "The database is open to its group or to everybody.",
            advice: "Allow its owner only: chmod 600 \(open.joined(separator: " "))"
        )
    }

    // MARK: Content

    private func content(_ database: OpenDatabase, _ ring: KeyRing?) async -> [Finding] {
        var findings: [Finding] = []
        do {
            let schema = try await schema(database)
            findings.append(schema)
            guard schema.level != .error else { return findings }
            if let ring {
                findings.append(try await seals(PortalStore(database: database.engine, keyRing: ring)))
            }
            // Counting admins opens no secret, so any ring will do.
            let store = PortalStore(database: database.engine, keyRing: ring ?? KeyRing(random: SystemRandomSource()))
            findings += try await accounts(store)
            findings += try await proxies(store)
            findings += try await GrantChecks.findings(store)
        } catch {
            findings.append(Finding(.error, .database, CommandFailure(error).sentence))
        }
        return findings
    }

    private func schema(_ database: OpenDatabase) async throws -> Finding {
        let version: Int
        do {
            version = try await database.schemaVersion()
        } catch StoreError.corrupt {
            return Finding(
                .error,
                .schema,
                "The database \(settings.databaseName) is none of Countersign.",
                advice: "Correct the path."
            )
        }
        if version == Schema.version { return Finding(.ok, .schema, "The database has schema \(version).") }
        return Finding(.error, .schema, settings.wrongSchema(version))
    }

    private func seals(_ store: PortalStore) async throws -> Finding {
        if let problem = Composition.sentence(try await store.checkSeals(), settings) {
            return Finding(.error, .keyFile, problem, advice: "Put the right key file in its place.")
        }
        return Finding(.ok, .keyFile, "The key file opens the secrets of the database.")
    }

    private func accounts(_ directory: any Directory) async throws -> [Finding] {
        let accounts = try await directory.accounts()
        if accounts.isEmpty {
            return [
                Finding(
                    .warning,
                    .accounts,
                    "There is no account yet.",
                    advice: "Open the address that `countersign serve` prints."
                )
            ]
        }
        var findings: [Finding] = []
        for account in accounts {
            let admins = try await directory.readiness(account.id).enabledAdmins
            let count = "\(admins) enabled Account Admin\(admins == 1 ? "" : "s")"
            findings.append(
                Finding(
                    admins > 1 ? .ok : .warning,
                    .accounts,
                    "The account \(account.name) has \(count).",
                    advice: admins > 1 ? "" : "Add another one, so that somebody can help when a device is lost."
                )
            )
        }
        return findings
    }

    /// Applications whose proxy leaves it to the client which of them is asked about.
    private func proxies(_ store: PortalStore) async throws -> [Finding] {
        let since = SystemWallClock().now - UnpinnedQuestions.warningSeconds
        let directory: any Directory = store
        var findings: [Finding] = []
        for account in try await directory.accounts() {
            let unpinned = try await store.unpinned(account.id, since: since)
            for application in try await store.applications(account.id) where unpinned[application.id] != nil {
                findings.append(
                    Finding(
                        .warning,
                        .proxies,
                        "The proxy of \(application.name) (\(application.origin.text)) asked within the last day without "
                            + "naming the address that it serves.",
                        advice:
                            "Renew its configuration: each block sets Countersign-Origin to its own address, so that "
                            + "no request is passed off as another application's."
                    )
                )
            }
        }
        return findings
    }
}
