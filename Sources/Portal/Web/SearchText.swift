import Accounts
import OutsideText

/// What somebody looks for in a list.
enum SearchText {
    private static let maximumLength = 100

    static func reading(_ typed: String) -> String {
        String(typed.cut(toBytes: 8 * maximumLength).trimmingBlanks().prefix(maximumLength))
    }
}
