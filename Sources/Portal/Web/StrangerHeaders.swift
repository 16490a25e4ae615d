import Hummingbird
import Logging
import SignIn
import Synchronization

/// Warns, once in the life of the process, that a peer which is no trusted proxy sends forwarding headers: usually a
/// proxy that was forgotten in the configuration, so that everybody seems to come from one address.
final class StrangerHeaders: EntranceRule {
    private let clientAddress: ClientAddress
    private let hasWarned = Mutex(false)

    init(clientAddress: ClientAddress) {
        self.clientAddress = clientAddress
    }

    func check(_ request: Request, _ context: PortalContext) throws(PageError) {
        let answer = clientAddress.source(of: request, peer: context.peer)
        guard answer.isForwardedByStranger else { return }
        let isFirst = hasWarned.withLock { warned in
            defer { warned = true }
            return !warned
        }
        guard isFirst else { return }
        context.logger.warning(
            "forwarding headers from a peer that is no trusted proxy are ignored",
            metadata: ["peer": "\(answer.source.address)", "setting": "COUNTERSIGN_TRUSTED_PROXIES"]
        )
    }
}
