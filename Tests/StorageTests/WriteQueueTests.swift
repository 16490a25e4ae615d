import Accounts
import Storage
import Testing

@Suite("Writers that share one commit", .timeLimit(.minutes(2)))
struct WriteQueueTests {
    private struct Refused: Error {}

    private func table(_ test: TestStore) async throws {
        try await test.database.write { connection in
            try connection.execute("CREATE TABLE line (number INTEGER PRIMARY KEY)", [])
            return ()
        }
    }

    @Test("Of many writers at once each gets its own answer, and each row is there")
    func manyWriters() async throws {
        let test = try await TestStore()
        try await table(test)
        let answers = try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
            for number in 0..<500 {
                group.addTask {
                    let row = try await test.database.write { connection in
                        try connection.query("INSERT INTO line (number) VALUES ($1) RETURNING number", [number])
                    }
                    return (number, try #require(row.first).integer(0))
                }
            }
            return try await group.reduce(into: [(Int, Int64)]()) { $0.append($1) }
        }
        #expect(answers.count == 500)
        #expect(answers.allSatisfy { Int64($0) == $1 })
        #expect(try await test.count("SELECT count(*) FROM line") == 500)
    }

    @Test("A write that fails undoes itself alone; whoever shares its commit is not hurt")
    func neighbours() async throws {
        let test = try await TestStore()
        try await table(test)
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do throws(StoreError) {
                        try await test.database.write { connection in
                            try connection.execute("INSERT INTO line (number) VALUES ($1)", [number])
                            // Undone, though the row went in first.
                            if number % 5 == 0 { throw StoreError.conflict }
                            if number % 7 == 0 {
                                try connection.execute("INSERT INTO line (number) VALUES ($1)", [number])
                            }
                        }
                        return false
                    } catch {
                        #expect(error == (number % 5 == 0 ? .conflict : .duplicate("line.number")))
                        return true
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let expected = (0..<200).count { $0 % 5 == 0 || $0 % 7 == 0 }
        #expect(failures == expected)
        #expect(try await test.count("SELECT count(*) FROM line") == Int64(200 - expected))
    }

    @Test("A full disk is told as unavailable to all who wait, and is over when there is room again (INV-8)")
    func fullDisk() async throws {
        let test = try await TestStore()
        try await test.database.write { connection in
            try connection.execute("CREATE TABLE big (number INTEGER PRIMARY KEY, content BLOB NOT NULL)", [])
            let pages = try #require(try connection.query("PRAGMA page_count", []).first).integer(0)
            _ = try connection.query("PRAGMA max_page_count = \(pages + 8)", [])
        }
        let content = [UInt8](repeating: 1, count: 20_000)
        let stored = await withTaskGroup(of: Int64.self) { group in
            for number in 0..<60 {
                group.addTask {
                    do throws(StoreError) {
                        try await test.database.write { connection in
                            _ = try connection.execute("INSERT INTO big VALUES ($1, $2)", [number, content])
                        }
                        return 1
                    } catch {
                        #expect(error == .unavailable)
                        return 0
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(stored < 60)
        #expect(try await test.count("SELECT count(*) FROM big") == stored)
        try await test.database.write { connection in
            _ = try connection.query("PRAGMA max_page_count = 1000000", [])
            _ = try connection.execute("INSERT INTO big VALUES ($1, $2)", [1_000, content])
        }
        #expect(try await test.count("SELECT count(*) FROM big") == stored + 1)
    }

    @Test("An error of somebody else's making is never a success")
    func foreignError() async throws {
        let test = try await TestStore()
        await #expect(throws: StoreError.corrupt("Refused")) { try await test.database.write { _ in throw Refused() } }
    }
}
