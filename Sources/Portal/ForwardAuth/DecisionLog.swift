import Accounts
import Gateway
import OutsideText
import Secrets
import Synchronization

/// The latest decisions of this node, by the operation id that their answers carried: what the "why" page reads.
///
/// In memory and bounded; what was let through cannot push out what was refused. Paths are kept without their query.
package final class DecisionLog: Sendable {
    struct Record: Sendable {
        let id: OperationID
        let at: UnixTime
        let decision: AccessDecision
        let application: Application?
        let entry: AccessEntry?
        /// The application's cookie that was shown, where nobody looked whose it is.
        let shown: TokenDigest?
        let method: String
        /// Without its query.
        let path: String
        let forwardedFor: [String]
        let peer: IPAddress?

        init(
            id: OperationID,
            at: UnixTime,
            decision: AccessDecision,
            application: Application?,
            entry: AccessEntry?,
            shown: TokenDigest?,
            method: String,
            target: String,
            forwardedFor: [String],
            peer: IPAddress?
        ) {
            self.id = id
            self.at = at
            self.decision = decision
            self.application = application
            self.entry = entry
            self.shown = shown
            self.method = method.cut(toBytes: 20)
            // By bytes: a mark behind the question mark makes one character of both.
            path = Substring(target.utf8.prefix { $0 != UInt8(ascii: "?") }).cut(toBytes: 300)
            self.forwardedFor = forwardedFor.suffix(4).map { $0.cut(toBytes: 200) }
            self.peer = peer
        }
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
    let ids = OperationIDs()

    package init() {}

    func name(_ id: OperationID) -> String { id.text(ids.node) }

    /// What was let through is remembered in samples: the newest are replaced within a moment anyway.
    static func isSample(_ id: OperationID) -> Bool { id.low & 0x3f == 0 }

    func append(_ record: Record) {
        switch record.decision.outcome {
        case .permitted: permitted.withLock { $0.append(record) }
        case .signIn, .refused, .unavailable: refused.withLock { $0.append(record) }
        }
    }

    func record(named name: String) -> Record? {
        guard let id = OperationID(name) else { return nil }
        return refused.withLock { $0.records.first { $0.id == id } }
            ?? permitted.withLock { $0.records.first { $0.id == id } }
    }
}
