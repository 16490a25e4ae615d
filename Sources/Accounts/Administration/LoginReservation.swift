package import Secrets

/// A login that opened applications is not another person's for a year after it was deleted: they know people by it.
package struct LoginReservation: Sendable, Equatable {
    package static let seconds: Int64 = 365 * 24 * 3600

    package let accountID: Account.ID
    package let freedAt: UnixTime

    package init(accountID: Account.ID, freedAt: UnixTime) {
        self.accountID = accountID
        self.freedAt = freedAt
    }

    package var endsAt: UnixTime { freedAt + Self.seconds }
}
