import Credentials

/// One sign-in, one hash, and so on, nothing else running: each finds the machine as the other left it.
///
/// In rounds with pauses: for as long as they keep their memory, one side can be slower than the other by a fifth and
/// more, most likely by the pages it was given. The server lets its memory go in the pause, and the raw hash gets new
/// memory, too.
struct SignInsAlone: Sendable {
    let signIns: Samples
    /// The password's part of them.
    let passwords: Samples
    let hashes: Samples
    /// Of each round.
    let ratios: Samples
    let wrong: [String]

    var ratio: Double { signIns.median / hashes.median }

    private struct Round: Sendable {
        var signIns: [Double] = []
        var passwords: [Double] = []
        var hashes: [Double] = []
        var wrong: [String] = []
        var ratio: Double { Samples(signIns).median / Samples(hashes).median }
    }

    private init(_ rounds: [Round]) {
        signIns = Samples(rounds.flatMap(\.signIns))
        passwords = Samples(rounds.flatMap(\.passwords))
        hashes = Samples(rounds.flatMap(\.hashes))
        ratios = Samples(rounds.map(\.ratio))
        wrong = rounds.flatMap(\.wrong)
    }

    static func measure(_ server: ServerProcess, _ people: [Person], _ plan: Plan) async throws -> SignInsAlone {
        var rounds: [Round] = []
        for number in 0..<plan.latencyRounds {
            try await Task.sleep(for: .seconds(plan.latencyPauseSeconds))
            let start = number * plan.latencyPerRound
            let people = people[start..<start + plan.latencyPerRound]
            let round = try await onThreads(1) { _ in try measure(server, people, warmUp: plan.latencyWarmUp) }[0]
            rounds.append(round)
            progress(
                "alone, round \(number + 1) of \(plan.latencyRounds): \(Samples(round.signIns).median.text(2)) ms, "
                    + "a hash \(Samples(round.hashes).median.text(2)) ms, ratio \(round.ratio.text(3))"
            )
        }
        return SignInsAlone(rounds)
    }

    private static func measure(_ server: ServerProcess, _ people: ArraySlice<Person>, warmUp: Int) throws -> Round {
        let driver = try SignInDriver(port: server.port)
        var argon2 = RawArgon2()
        var round = Round()
        for (number, person) in people.enumerated() {
            let hash = try Hashing.milliseconds(&argon2)
            let watch = Stopwatch()
            var password = 0.0
            if let reason = try driver.signIn(person, afterPassword: { password = watch.milliseconds }) {
                round.wrong.append(reason)
            }
            guard number >= warmUp else { continue }
            round.hashes.append(hash)
            round.passwords.append(password)
            round.signIns.append(watch.milliseconds)
        }
        return round
    }
}
