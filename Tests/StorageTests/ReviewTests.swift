import Accounts
import Foundation
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("What was granted before a fresh proof was asked for", .timeLimit(.minutes(2)))
struct ReviewTests {
    @Test(
        "It is told once: every old token, and the doors that others than Account Admins made",
        arguments: Engine.allCases
    )
    func once(engine: Engine) async throws {
        let base = try await TestStore(engine)
        let company = try await base.company()
        let manager = try await base.add("max@acme", to: company)
        for (name, maker) in [("One", manager), ("Two", company.admin)] {
            try await change(base, company, .create(application(name, in: company)), by: maker)
        }
        #expect(try await base.store.grantsToReview(company.account.id).doors.isEmpty, "made under the new rules")

        // As an older program leaves them.
        try await base.database.write { connection in
            try connection.execute(
                """
                INSERT INTO api_token (id, digest, account_id, person_id, name, created_at, expires_at)
                VALUES ('old', $1, $2, $3, 'CI', 1, 2)
                """,
                [Make.digest(.apiToken), company.account.id, manager.id]
            )
            try connection.execute("UPDATE application SET reviewed = 0", [])
            return ()
        }
        let told = try await base.store.grantsToReview(company.account.id)
        #expect(told.tokens.map(\.login) == ["max@acme"] && told.tokens.first?.names == ["CI"])
        #expect(told.doors.map(\.application.name) == ["One"] && told.doors.first?.makers == ["max@acme"])
        let again = try await base.store.grantsToReview(company.account.id)
        #expect(again.tokens.isEmpty && again.doors.isEmpty)
    }

    private func application(_ name: String, in company: TestStore.Company) -> Application {
        Application(
            id: Application.ID(random: Make.random),
            accountID: company.account.id,
            name: name,
            origin: Origin("https://\(name.lowercased()).example.com")!
        )
    }

    /// Whatever the rules say of the maker today: the entry is what counts.
    private func change(
        _ base: TestStore,
        _ company: TestStore.Company,
        _ event: ApplicationEvent,
        by maker: User
    ) async throws {
        _ = try await base.store.changeApplication(
            company.account.id,
            nil,
            actor: .server,
            event: event,
            portalOrigin: nil,
            at: TestStore.start
        )
        try await base.database.write { connection in
            try connection.execute(
                "UPDATE activity SET actor_id = $1, actor_login = $2 WHERE kind = $3 AND actor_id IS NULL",
                [maker.id, maker.login, ActivityKind.applicationCreated.rawValue]
            )
            return ()
        }
    }
}
