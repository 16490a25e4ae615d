package import Secrets

/// What holds for one path of an application, or for everything under it.
package struct PathRule: Sendable, Equatable {
    package typealias ID = Secrets.ID<PathRule>

    package enum Match: String, Sendable, CaseIterable {
        case exact, prefix
    }

    package enum Action: String, Sendable, CaseIterable {
        /// Open to everybody, without signing in.
        case allow
        case deny
        case password
        case twoFactor = "two-factor"
        /// Also programs that show an API token.
        case apiToken = "api-token"
    }

    package var id: ID
    /// As the application knows it: decoded, without dot segments and double slashes.
    package var path: RequestPath
    package var match: Match
    package var action: Action

    package init(id: ID, path: RequestPath, match: Match, action: Action) {
        self.id = id
        self.path = path
        self.match = match
        self.action = action
    }

    /// Whether the rule means this path.
    ///
    /// What restricts holds for every spelling that an application might take for the same page: upper case, a slash at
    /// the end. What opens holds for the one spelling that was written.
    func covers(_ wanted: RequestPath, isOpening: Bool) -> Bool {
        if isOpening {
            let own = path.text
            if wanted.text == own { return true }
            return match == .prefix && wanted.text.hasPrefix(own.hasSuffix("/") ? own : own + "/")
        }
        if wanted.folded == path.folded { return true }
        return match == .prefix && (path.folded == "/" || wanted.folded.hasPrefix(path.folded + "/"))
    }

    /// Exact before prefix, then the longer path: the more somebody wrote, the more they meant it.
    var weight: Int { path.folded.utf8.count * 2 + (match == .exact ? 1_000_000 : 0) }

    /// `everything under /admin`
    package var words: String {
        switch match {
        case .exact: path.text
        case .prefix: path.text == "/" ? "every path" : "\(path.text) and everything under it"
        }
    }
}

/// What a path asks for, by the application's rules or, where none fits, by the application itself.
package struct PathRequirement: Sendable, Equatable {
    package enum Need: Sendable, Equatable {
        case nothing
        case refusal
        case session(Assurance)
        case sessionOrToken(Assurance)
    }

    package let need: Need
    package let rule: PathRule?

    package init(need: Need, rule: PathRule? = nil) {
        self.need = need
        self.rule = rule
    }

    /// The rule that fits best. Of rules that fit equally well the stricter one.
    package static func of(_ path: RequestPath, in application: Application) -> PathRequirement {
        var best: PathRule?
        for rule in application.rules {
            let isOpening = need(of: rule, in: application).rank < Need.session(application.assurance).rank
            guard rule.covers(path, isOpening: isOpening) else { continue }
            guard let current = best else {
                best = rule
                continue
            }
            let isStricter = need(of: rule, in: application).rank > need(of: current, in: application).rank
            if rule.weight > current.weight || rule.weight == current.weight && isStricter { best = rule }
        }
        guard let best else { return PathRequirement(need: .session(application.assurance)) }
        return PathRequirement(need: need(of: best, in: application), rule: best)
    }

    private static func need(of rule: PathRule, in application: Application) -> Need {
        switch rule.action {
        case .allow: .nothing
        case .deny: .refusal
        case .password: .session(.password)
        case .twoFactor: .session(.twoFactor)
        case .apiToken: .sessionOrToken(application.assurance)
        }
    }
}

extension PathRequirement.Need {
    /// How much it asks for.
    fileprivate var rank: Int {
        switch self {
        case .nothing: 0
        case .sessionOrToken: 1
        case .session(.password): 2
        case .session(.twoFactor): 3
        case .refusal: 4
        }
    }
}
