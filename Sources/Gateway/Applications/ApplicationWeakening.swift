import Accounts

/// What opens a door or makes one wider. What closes one can be done at any time.
extension ApplicationEvent {
    /// - Parameter application: as it is before.
    package func weakensOrGrants(over application: Application?) -> Bool {
        switch self {
        case .create: true
        case .change(let new): application.map { new.isWeaker(than: $0) } ?? true
        case .delete: false
        case .addRule(let rule): application.map { rule.action.mayOpen($0) } ?? true
        // What it covered is judged by another one now, and which of them asks less depends on the path.
        case .removeRule: true
        }
    }
}

extension Application {
    fileprivate func isWeaker(than old: Application) -> Bool {
        origin != old.origin || assurance < old.assurance || headers != old.headers
            || (allowsEncodedPaths && !old.allowsEncodedPaths) || !audience.isWithin(old.audience)
            || (sessionHours ?? .max) > (old.sessionHours ?? .max)
    }
}

extension Audience {
    package func isWithin(_ other: Audience) -> Bool {
        switch (self, other) {
        case (_, .everybody): true
        case (.everybody, .roles): false
        case (.roles(let mine), .roles(let others)): mine.isSubset(of: others)
        }
    }
}

extension PathRule.Action {
    /// Whether a rule of this kind may ask less on some path than what holds there without it.
    package func mayOpen(_ application: Application) -> Bool {
        switch self {
        case .deny: false
        case .twoFactor: application.rules.contains { $0.action == .deny }
        case .password: application.assurance > .password || application.rules.contains { $0.action != .allow }
        case .allow, .apiToken: true
        }
    }
}
