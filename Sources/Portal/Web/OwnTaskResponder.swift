package import Hummingbird

/// Answers each request in a task of its own.
///
/// A task keeps what its deepest calls took until it ends. In the task of the connection, which Hummingbird would answer
/// in, that is some 20 KiB for as long as the connection is kept open.
package struct OwnTaskResponder<Base: HTTPResponder>: HTTPResponder where Base.Context: Sendable {
    private let base: Base

    package init(_ base: Base) {
        self.base = base
    }

    package func respond(to request: Request, context: Base.Context) async throws -> Response {
        async let response = base.respond(to: request, context: context)
        return try await response
    }
}
