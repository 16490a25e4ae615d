import Credentials
import Foundation
import OneTimePassword
import Secrets

/// Everything that is measured, each on servers of its own over one seeded database.
struct Measurements {
    let options: Options
    let folder: BenchFolder
    let company: Company

    private var plan: Plan { options.plan }

    private func server() throws -> ServerProcess { try ServerProcess(options.server, folder) }

    /// Runs a body beside a server that is ready, and stops the server whatever comes of it.
    private func withServer<Answer>(_ body: (ServerProcess) async throws -> Answer) async throws -> Answer {
        let server = try server()
        defer { server.stop() }
        _ = try server.waitUntilReady()
        return try await body(server)
    }

    // MARK: Starting

    /// Milliseconds from exec to the first 200 of `/readyz`.
    func starts() throws -> Samples {
        Samples(
            try (0..<plan.starts).map { _ in
                let server = try server()
                defer { server.stop() }
                return try server.waitUntilReady()
            }
        )
    }

    // MARK: The second step

    func secondFactorSteps() async throws -> Load {
        try await withServer { server in
            let step: @Sendable (SignInDriver, Person) throws -> String? = { driver, person in
                try driver.submitToken(person, attempt: person.attempt.text)
            }
            let warmUp = company.people[..<plan.warmUpSteps]
            let first = try await Load.run(server, warmUp, connections: plan.stepConnections, step)
            if let reason = first.wrong.first { throw BenchError("While warming up, \(reason).") }
            return try await Load.run(
                server,
                company.people[plan.warmUpSteps...],
                connections: plan.stepConnections,
                step
            )
        }
    }

    /// Nobody's code of the present step is good a second time (RFC 6238 5.2).
    func waitForNextStep() async throws {
        let now = Date().timeIntervalSince1970
        let period = Double(TimeStep.defaultPeriod)
        try await Task.sleep(for: .seconds(period - now.truncatingRemainder(dividingBy: period) + 0.5))
    }

    // MARK: Whole sign-ins

    struct Round: Sendable {
        let hashesPerSecond: Double
        let load: Load
        var ratio: Double { load.perSecond / hashesPerSecond }
    }

    struct Memory: Sendable {
        let idle: Double
        let rested: Double
        let peak: Double
        let signIns: Int
    }

    struct WholeSignIns: Sendable {
        let alone: SignInsAlone
        let rounds: [Round]
        let memory: Memory
    }

    /// Latency, throughput and memory: one server from its start to its rest.
    func wholeSignIns() async throws -> WholeSignIns {
        try await withServer { server in
            try await Task.sleep(for: .seconds(plan.idleSeconds))
            let idle = server.residentMiB
            let people = company.people[plan.wholeSignIns...].prefix(plan.latencyRounds * plan.latencyPerRound)
            let alone = try await SignInsAlone.measure(server, Array(people), plan)
            let rounds = try await signInRounds(server)
            progress("resting \(plan.restSeconds.text(0)) s")
            try await Task.sleep(for: .seconds(plan.restSeconds))
            let done = plan.latencyRounds * plan.latencyPerRound + plan.wholeSignIns
            let memory = Memory(idle: idle, rested: server.residentMiB, peak: server.peakMiB, signIns: done)
            return WholeSignIns(alone: alone, rounds: rounds, memory: memory)
        }
    }

    private func signInRounds(_ server: ServerProcess) async throws -> [Round] {
        var rounds: [Round] = []
        for number in 0..<plan.rounds {
            let rate = try await Hashing.perSecond(workers: Machine.cores, seconds: plan.hashSecondsPerRound)
            let start = number * plan.signInsPerRound
            let people = company.people[start..<start + plan.signInsPerRound]
            let load = try await Load.run(server, people, connections: plan.signInConnections) { try $0.signIn($1) }
            let round = Round(hashesPerSecond: rate, load: load)
            rounds.append(round)
            progress(
                "round \(number + 1) of \(plan.rounds): \(rate.text(1)) hashes/s, "
                    + "\(load.perSecond.text(1)) sign-ins/s, ratio \(round.ratio.text(3))"
            )
        }
        return rounds
    }
}
