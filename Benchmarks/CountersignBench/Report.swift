/// The table, in Markdown.
struct Report {
    let options: Options
    let fsyncMilliseconds: Double
    let starts: Samples
    let steps: Load
    let whole: Measurements.WholeSignIns

    private struct Line {
        let what: String
        let measured: String
        var target = ""
        /// Nil where there is nothing to judge.
        var isMet: Bool?
    }

    var wrongAnswers: [String] { steps.wrong + whole.alone.wrong + whole.rounds.flatMap(\.load.wrong) }

    var text: String {
        let rows = lines.map { line in
            let verdict = line.isMet.map { $0 ? "met" : "**missed**" } ?? ""
            return "| \(line.what) | \(line.measured) | \(line.target) | \(verdict) |"
        }
        let kind = options.isQuick ? "quick run, whose figures mean little" : "full run"
        return """
            | | measured | target | verdict |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            \(Machine.date), \(kind). \(Machine.processor), \(Machine.cores) cores, \(Machine.memory) of memory; \
            \(Machine.kernel); \(options.compiler); fsync of 4 KiB \(fsyncMilliseconds.text(2)) ms (p50). \
            \(options.plan.users.text) people in one account; server and load client share the cores.

            """
    }

    private var lines: [Line] { throughput + latency + secondFactor + start + memory + answers }

    /// How many times slower than the machine for which targets without a baseline were set: it made one hash in 25 ms.
    /// A faster one has the same targets.
    private var slowness: Double { max(1, whole.alone.hashes.median / 25) }

    private func target(_ words: String, _ set: Int, here: Double, unit: String = "") -> String {
        slowness > 1
            ? "\(words) \(Int(here.rounded()).text)\(unit) (\(set.text)\(unit) at 25 ms a hash)"
            : "\(words) \(set.text)\(unit)"
    }

    private var throughput: [Line] {
        let ratios = Samples(whole.rounds.map(\.ratio))
        let hashes = Samples(whole.rounds.map(\.hashesPerSecond)).median
        let loads = whole.rounds.map(\.load)
        let signIns = Samples(loads.map(\.perSecond)).median
        let seconds = loads.reduce(0) { $0 + $1.seconds } * Double(Machine.cores)
        let share = { (part: (Load) -> Double) in
            (loads.reduce(0) { $0 + part($1) } / seconds * 100).text(1) + " %"
        }
        return [
            Line(
                what: "1. whole sign-ins/s over raw Argon2id hashes/s, \(Machine.cores) workers",
                measured: "\(signIns.text(1)) / \(hashes.text(1)) = \(ratios.median.text(3)) "
                    + "(median of \(whole.rounds.count) rounds, \(ratios.least.text(3)) to \(ratios.most.text(3)))",
                target: "at least 0.90",
                isMet: ratios.median >= 0.9
            ),
            Line(
                what: "1a. processor time meanwhile: server, load client, other programs",
                measured: "\(share(\.serverSeconds)), \(share(\.clientSeconds)), \(share(\.othersSeconds))"
            ),
        ]
    }

    private var latency: [Line] {
        let alone = whole.alone
        return [
            Line(
                what: "2. one sign-in alone over one Argon2id hash alone, p50",
                measured: "\(alone.signIns.median.text(2)) ms / \(alone.hashes.median.text(2)) ms = "
                    + "\(alone.ratio.text(3)) (\(alone.ratios.least.text(3)) to \(alone.ratios.most.text(3)) in "
                    + "\(options.plan.latencyRounds) rounds)",
                target: "at most 1.15",
                isMet: alone.ratio <= 1.15
            ),
            Line(
                what: "2a. of which the password, the token",
                measured: "\(alone.passwords.median.text(2)) ms, "
                    + "\((alone.signIns.median - alone.passwords.median).text(2)) ms"
            ),
        ]
    }

    private var secondFactor: [Line] {
        let latencies = Samples(steps.latencies)
        let perStep = { (seconds: Double) in (seconds * 1_000_000 / Double(steps.done)).text(0) }
        return [
            Line(
                what: "3. second-factor steps/s, \(options.plan.stepConnections) connections",
                measured: "\(Int(steps.perSecond).text) (\(steps.done.text) steps; p50 \(latencies.median.text(1)) ms, "
                    + "p99 \(latencies.percentile(0.99).text(1)) ms)",
                target: target("at least", 1_500, here: 1_500 / slowness),
                isMet: steps.perSecond >= 1_500 / slowness
            ),
            Line(
                what: "3a. processor time of one step: server, load client",
                measured: "\(perStep(steps.serverSeconds)) µs, \(perStep(steps.clientSeconds)) µs"
            ),
        ]
    }

    private var start: [Line] {
        [
            Line(
                what: "4. exec to the first 200 of `/readyz`, existing database",
                measured: "\(starts.median.text(1)) ms (median of \(options.plan.starts), "
                    + "\(starts.least.text(1)) to \(starts.most.text(1)))",
                target: target("at most", 60, here: 60 * slowness, unit: " ms"),
                isMet: starts.median <= 60 * slowness
            )
        ]
    }

    private var memory: [Line] {
        let memory = whole.memory
        return [
            Line(
                what: "5. resident memory, idle after the start",
                measured: "\(memory.idle.text(1)) MiB",
                target: "at most 40 MiB",
                isMet: memory.idle <= 40
            ),
            Line(
                what: "5a. resident memory \(options.plan.restSeconds.text(0)) s after \(memory.signIns.text) sign-ins",
                measured: "\(memory.rested.text(1)) MiB (highest meanwhile \(memory.peak.text(1)))",
                target: "at most 64 MiB",
                isMet: memory.rested <= 64
            ),
        ]
    }

    private var answers: [Line] {
        let count = steps.done + whole.memory.signIns
        return [
            Line(
                what: "6. wrong answers",
                measured: "\(wrongAnswers.count.text) in \(count.text) steps and sign-ins",
                target: "0",
                isMet: wrongAnswers.isEmpty
            )
        ]
    }
}
