import Accounts
import Secrets
package import SignIn
import Synchronization

/// Hands the endings of this node, and what it hears of the others, to those who asked.
package final class SessionEndingHub: SessionEndings {
    private let observers = Mutex<[@Sendable (SessionEnding) -> Void]>([])

    package init() {}

    package func observe(_ body: @escaping @Sendable (SessionEnding) -> Void) {
        observers.withLock { $0.append(body) }
    }

    package func tell(_ ending: SessionEnding) {
        for observer in observers.withLock(\.self) { observer(ending) }
    }

    /// What another node announced; nil when something may have been lost.
    package func hear(_ announcement: String?) {
        tell(announcement.flatMap(SessionEnding.init(announcement:)) ?? .all)
    }
}

extension SessionEnding {
    /// `person 0b54…`, `account 91c7…`: ids, which are no secrets.
    var announcement: String {
        switch self {
        case .person(let id): "person \(id)"
        case .account(let id): "account \(id)"
        case .all: "all"
        }
    }

    init?(announcement: String) {
        let words = announcement.split(separator: " ")
        switch (words.first, words.last) {
        case ("person", let text?):
            guard let id = User.ID(String(text)) else { return nil }
            self = .person(id)
        case ("account", let text?):
            guard let id = Account.ID(String(text)) else { return nil }
            self = .account(id)
        default: return nil
        }
    }
}
