import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import SignIn
import Wire

extension Call {
    /// The whole body, held against the share of memory that its client may take meanwhile.
    ///
    /// - Throws: `PageError.tooLarge`; `.unavailable` when it had to make room for others.
    func body(upTo limit: Int) async throws -> ByteBuffer {
        let shares = bodies
        // Where it came from: many come by one proxy.
        let number = shares.begin(client: source.throttleKey ?? source.address) { [context] in context.hangUp() }
        defer { shares.end(number) }
        var whole = ByteBuffer()
        do {
            for try await var part in request.body {
                let length = whole.readableBytes + part.readableBytes
                guard length <= limit else { throw PageError.tooLarge }
                whole.writeBuffer(&part)
                // What it takes, which is more than what has come.
                guard shares.grow(number, to: whole.storageCapacity) else { throw PageError.unavailable }
            }
        } catch is IOError {
            // Whoever sent it is gone, which is nothing that went wrong here.
            throw HTTPParserError.invalidEOFState
        }
        // A connection that was closed to make room ends its body as if that were all.
        guard shares.end(number) else { throw PageError.unavailable }
        return whole
    }
}
