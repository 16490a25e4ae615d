/// How much is measured: enough to be steady, and short enough that the whole run stays below eight minutes.
struct Plan: Sendable {
    /// Everybody has one waiting attempt for the second-factor steps, and signs in whole at most once.
    let users: Int
    /// Second-factor steps before the clock starts; the rest of the users' steps are measured.
    let warmUpSteps: Int
    let stepConnections: Int
    /// Raw hashes and whole sign-ins take turns, so that both see the same machine.
    let rounds: Int
    let signInsPerRound: Int
    let signInConnections: Int
    let hashSecondsPerRound: Double
    /// One sign-in and one hash at a time, in turns; the first few of each round do not count.
    let latencyRounds: Int
    let latencyPerRound: Int
    let latencyWarmUp: Int
    let starts: Int
    let idleSeconds: Double
    let restSeconds: Double
    /// After so long something hangs, and the run ends itself.
    let limitSeconds: Double

    static let full = Plan(
        users: 13_000,
        warmUpSteps: 1_000,
        stepConnections: 16,
        rounds: 16,
        signInsPerRound: 625,
        signInConnections: 8,
        hashSecondsPerRound: 4,
        latencyRounds: 8,
        latencyPerRound: 55,
        latencyWarmUp: 5,
        starts: 10,
        idleSeconds: 5,
        restSeconds: 30,
        limitSeconds: 470
    )

    /// For trying the harness out; its figures mean little.
    static let quick = Plan(
        users: 1_600,
        warmUpSteps: 200,
        stepConnections: 16,
        rounds: 3,
        signInsPerRound: 150,
        signInConnections: 8,
        hashSecondsPerRound: 1.5,
        latencyRounds: 4,
        latencyPerRound: 35,
        latencyWarmUp: 5,
        starts: 3,
        idleSeconds: 2,
        restSeconds: 3,
        limitSeconds: 120
    )

    /// Longer than a server without work keeps the memory of its hashes.
    let latencyPauseSeconds = 2.6

    var measuredSteps: Int { users - warmUpSteps }
    var wholeSignIns: Int { rounds * signInsPerRound }
}
