import Accounts
import Gateway
import Secrets
import Synchronization

/// The latest decisions of this node, by the operation id that their answers carried: what the "why" page reads.
///
/// In memory and bounded; what was let through cannot push out what was refused. Paths are kept without their query.
package final class DecisionLog: Sendable {
    struct Record: Sendable {
        let number: UInt64
        let at: UnixTime
        let decision: AccessDecision
        let application: Application?
        let entry: AccessEntry?
        let method: String
        let target: String
        let forwardedFor: [String]
        let peer: IPAddress?

        /// Without its query. By bytes: a mark behind the question mark makes one character of both.
        var path: String { String(decoding: target.utf8.prefix { $0 != UInt8(ascii: "?") }.prefix(300), as: UTF8.self) }
    }

    private struct Ring {
        let size: Int
        private(set) var records: [Record] = []
        private var next = 0

        init(size: Int) { self.size = size }

        mutating func append(_ record: Record) {
            if records.count < size {
                records.append(record)
            } else {
                records[next] = record
                next = (next + 1) % size
            }
        }
    }

    private let permitted = Mutex(Ring(size: 256))
    private let refused = Mutex(Ring(size: 4_096))
    private let counter: Atomic<UInt64>

    package init() {
        // Not from zero: an operation of before a restart must not be found as another one.
        let start = SystemRandomSource().bytes(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        counter = Atomic(start << 20)
    }

    func nextNumber() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }

    static func name(_ number: UInt64) -> String { String(number, radix: 36) }

    /// What was let through is remembered in samples: the newest are replaced within a moment anyway.
    static func isSample(_ number: UInt64) -> Bool { number & 0x3f == 0 }

    func append(_ record: Record) {
        switch record.decision.outcome {
        case .permitted: permitted.withLock { $0.append(record) }
        case .signIn, .refused, .unavailable: refused.withLock { $0.append(record) }
        }
    }

    func record(named name: String) -> Record? {
        guard let number = UInt64(name, radix: 36) else { return nil }
        return refused.withLock { $0.records.first { $0.number == number } }
            ?? permitted.withLock { $0.records.first { $0.number == number } }
    }
}
