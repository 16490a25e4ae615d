import Secrets
import Synchronization

/// Signs people in over one connection, checking every answer.
struct SignInDriver {
    let connection: HTTPConnection

    init(port: UInt16) throws {
        guard let connection = HTTPConnection(port: port) else { throw BenchError("The server takes no connection.") }
        self.connection = connection
    }

    /// Password, then token.
    /// - Parameter afterPassword: Called between the two.
    /// - Returns: Nil when both answers were right, else what was wrong.
    func signIn(_ person: Person, afterPassword: () -> Void = {}) throws -> String? {
        let form = "login=\(person.login)&password=\(Company.password)"
        let answer = try connection.post("/sign-in", form: form)
        afterPassword()
        guard answer.status == 303, let attempt = answer.cookie("countersign_attempt"),
            BearerToken(kind: .attempt, text: attempt) != nil
        else { return "the password of \(person.login) was answered with \(answer.status)" }
        return try submitToken(person, attempt: attempt)
    }

    /// The second step alone.
    /// - Returns: Nil for a 303 with a session's cookie, else what was wrong.
    func submitToken(_ person: Person, attempt: String) throws -> String? {
        let answer = try connection.post(
            "/sign-in/token",
            form: "token=\(person.code)",
            cookie: "countersign_attempt=\(attempt)"
        )
        guard answer.status == 303, let session = answer.cookie("countersign_session"),
            BearerToken(kind: .portalSession, text: session) != nil
        else { return "the token of \(person.login) was answered with \(answer.status)" }
        return nil
    }
}

/// What a number of requests at once came to.
struct Load: Sendable {
    let seconds: Double
    let done: Int
    let wrong: [String]
    /// Of each request, in milliseconds.
    let latencies: [Double]
    /// Processor seconds of this process and of the server meanwhile.
    let clientSeconds: Double
    let serverSeconds: Double
    /// Of other programs: what disturbed the measurement.
    let othersSeconds: Double

    var perSecond: Double { Double(done) / seconds }

    /// Does something for each person once, over so many connections at once.
    static func run(
        _ server: ServerProcess,
        _ people: ArraySlice<Person>,
        connections: Int,
        _ body: @escaping @Sendable (SignInDriver, Person) throws -> String?
    ) async throws -> Load {
        let turn = Turn(people.startIndex)
        let cpu = (client: Machine.cpuSeconds, server: server.cpuSeconds, all: Machine.everybodysCPUSeconds)
        let watch = Stopwatch()
        let parts = try await onThreads(connections) { _ in
            let driver = try SignInDriver(port: server.port)
            var latencies: [Double] = []
            var wrong: [String] = []
            while let index = turn.next(below: people.endIndex) {
                let watch = Stopwatch()
                if let reason = try body(driver, people[index]) { wrong.append(reason) }
                latencies.append(watch.milliseconds)
            }
            return (latencies, wrong)
        }
        let seconds = watch.seconds
        let client = Machine.cpuSeconds - cpu.client
        let served = server.cpuSeconds - cpu.server
        return Load(
            seconds: seconds,
            done: people.count,
            wrong: parts.flatMap(\.1),
            latencies: parts.flatMap(\.0),
            clientSeconds: client,
            serverSeconds: served,
            othersSeconds: max(0, Machine.everybodysCPUSeconds - cpu.all - client - served)
        )
    }
}

/// Deals out places to threads.
private final class Turn: Sendable {
    private let place: Atomic<Int>

    init(_ first: Int) {
        place = Atomic(first)
    }

    func next(below end: Int) -> Int? {
        let mine = place.add(1, ordering: .relaxed).oldValue
        return mine < end ? mine : nil
    }
}
