import Gateway
import Secrets
import Testing

@testable import Portal

@Suite("What is remembered of decisions")
struct DecisionLogTests {
    private func record(
        _ log: DecisionLog,
        _ reason: AccessReason,
        method: String = "GET",
        target: String = "/x",
        forwardedFor: [String] = []
    ) -> DecisionLog.Record {
        DecisionLog.Record(
            id: log.ids.next(),
            at: UnixTime(seconds: 1_800_000_000),
            decision: AccessDecision(reason),
            application: nil,
            entry: nil,
            shown: nil,
            method: method,
            target: target,
            forwardedFor: forwardedFor,
            peer: nil
        )
    }

    @Test("A text from outside is cut before it is kept, and a query is not kept at all")
    func cut() {
        let log = DecisionLog()
        let long = String(repeating: "é", count: 40_000)
        let kept = record(
            log,
            .noSession,
            method: long,
            target: "/\(long)?secret=\(long)",
            forwardedFor: Array(repeating: long, count: 1_000)
        )
        #expect(kept.method.utf8.count <= 20)
        #expect(kept.path.utf8.count <= 300 && kept.path.hasPrefix("/é"))
        #expect(kept.forwardedFor.count == 4 && kept.forwardedFor.allSatisfy { $0.utf8.count <= 200 })
        #expect(record(log, .noSession, target: "/a?\u{301}b=secret").path == "/a")
    }

    @Test("The newest are kept, so many of each kind and no more, and what is let through pushes out no refusal")
    func bounded() {
        let log = DecisionLog()
        let refused = (0..<4_097).map { _ in record(log, .roleMissing) }
        for one in refused { log.append(one) }
        #expect(log.record(named: log.name(refused[0].id)) == nil)
        #expect(refused[1...].allSatisfy { log.record(named: log.name($0.id)) != nil })
        let permitted = (0..<257).map { _ in record(log, .session) }
        for one in permitted { log.append(one) }
        #expect(log.record(named: log.name(permitted[0].id)) == nil)
        #expect(permitted[1...].allSatisfy { log.record(named: log.name($0.id)) != nil })
        #expect(log.record(named: log.name(refused[1].id)) != nil)
    }
}
