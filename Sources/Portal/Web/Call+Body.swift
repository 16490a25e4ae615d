import HTTPTypes
import Hummingbird
import NIOCore
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
        for try await var part in request.body {
            guard whole.readableBytes + part.readableBytes <= limit else { throw PageError.tooLarge }
            guard shares.grow(number, to: whole.readableBytes + part.readableBytes) else { throw PageError.unavailable }
            whole.writeBuffer(&part)
        }
        // A connection that was closed to make room ends its body as if that were all.
        guard shares.end(number) else { throw PageError.unavailable }
        return whole
    }
}
