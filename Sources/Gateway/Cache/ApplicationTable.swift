import Secrets

/// All applications of a node by where they are; replaced as a whole when one changes.
package final class ApplicationTable: Sendable {
    private let byAuthority: [String: [Application]]
    private let byID: [Application.ID: Application]

    package init(_ applications: [Application]) {
        byAuthority = Dictionary(grouping: applications, by: \.origin.authority)
        byID = Dictionary(uniqueKeysWithValues: applications.map { ($0.id, $0) })
    }

    package subscript(id: Application.ID) -> Application? { byID[id] }

    package subscript(origin: Origin) -> Application? {
        byAuthority[origin.authority]?.first { $0.origin.scheme == origin.scheme }
    }

    /// The application at a host of which nobody said the scheme: none where two differ in that alone.
    package func application(authority: String) -> Application? {
        for scheme in [Origin.Scheme.https, .http] {
            guard let origin = Origin(scheme: scheme, authority: authority), let found = byAuthority[origin.authority],
                found.count == 1
            else { continue }
            return found[0]
        }
        return nil
    }

    package var count: Int { byID.count }
}
