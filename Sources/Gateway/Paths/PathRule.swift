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

    /// Whether the rule means a page that the path might be read as: in whatever case, with a slash at the end or not.
    func covers(_ sent: SentPath) -> Bool { sent.readings.contains(where: covers) }

    private func covers(_ reading: [String]) -> Bool {
        let own = path.foldedParts
        guard match == .exact ? reading.count == own.count : reading.count >= own.count else { return false }
        return zip(own, reading).allSatisfy { $0 == $1 }
    }

    /// Whether the path was sent in the one spelling that was written into the rule, byte for byte.
    func isWritten(as sent: SentPath) -> Bool {
        guard sent.isPlain else { return false }
        let own = path.text.utf8
        let wanted = sent.plain.text.utf8
        guard wanted.starts(with: own) else { return false }
        if wanted.count == own.count { return true }
        let slash = UInt8(ascii: "/")
        return match == .prefix && (own.last == slash || wanted.dropFirst(own.count).first == slash)
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

    /// The rule that fits best: the most specific one.
    ///
    /// A rule lowers what the less specific ones and the application ask for only where the path was sent exactly as it
    /// is written there; in every other spelling that might mean the same page it can only ask for more.
    package static func of(_ sent: SentPath, in application: Application) -> PathRequirement {
        var best = PathRequirement(need: .session(application.assurance))
        for rule in application.rules.filter({ $0.covers(sent) }).sorted(by: { $0.weight < $1.weight }) {
            let own = need(of: rule, in: application)
            let need = rule.isWritten(as: sent) ? own : best.need.joined(with: own)
            // A rule that changes nothing is not why.
            if need != best.need || need == own { best = PathRequirement(need: need, rule: rule) }
        }
        return best
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
    /// Everything that either of the two asks for. What one asks for is of two parts, how strongly somebody must have
    /// signed in and whether a token will do, so that of two needs neither may be the stricter one.
    func joined(with other: Self) -> Self {
        switch (self, other) {
        case (.refusal, _), (_, .refusal): .refusal
        case (.nothing, let need), (let need, .nothing): need
        case (.sessionOrToken(let one), .sessionOrToken(let two)): .sessionOrToken(max(one, two))
        case (.session(let one), .session(let two)), (.session(let one), .sessionOrToken(let two)),
            (.sessionOrToken(let one), .session(let two)):
            .session(max(one, two))
        }
    }
}
