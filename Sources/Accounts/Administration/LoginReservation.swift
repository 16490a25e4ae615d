package import Secrets

/// A login that opened applications is not another person's for a year after it was deleted: they know people by it.
package enum LoginReservation {
    package static let seconds: Int64 = 365 * 24 * 3600

    /// Logins that were deleted at this time or before are free.
    package static func end(at now: UnixTime) -> UnixTime { now - seconds }
}
