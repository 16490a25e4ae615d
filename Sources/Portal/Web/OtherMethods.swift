import HTTPTypes
import Hummingbird

extension Router<PortalContext> {
    private static var methods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    }

    /// Answers 405 with `Allow` where a path exists and the method does not (RFC 9110 15.5.6); called when every route
    /// is there.
    func refuseOtherMethods() {
        let known = Dictionary(grouping: routes) { $0.path.description }
        for (_, routes) in known {
            var taken = Set(routes.map(\.method))
            // Made by the router itself for every page.
            if taken.contains(.get) { taken.insert(.head) }
            let allow = Self.methods.filter(taken.contains).map(\.rawValue).joined(separator: ", ")
            for method in Self.methods where !taken.contains(method) {
                on(routes[0].path, method: method) { _, _ -> Response in throw PageError.methodNotAllowed(allow) }
            }
        }
    }
}
