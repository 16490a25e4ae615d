package import Hummingbird
import Logging
import NIOCore
import Secrets

/// What goes along with one request.
package struct PortalContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let peer: IPAddress?
    private let channel: any Channel
    /// Shown to people, and found in the log beside the cause.
    let operationID: String

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        operationID = SystemRandomSource().bytes(6).map { String($0, radix: 36) }.joined()
        logger[metadataKey: "operation"] = "\(operationID)"
    }

    /// Ends the connection of the request.
    func hangUp() { channel.close(promise: nil) }
}
