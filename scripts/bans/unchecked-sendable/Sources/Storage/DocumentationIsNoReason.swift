/// A prepared statement.
final class Statement: @unchecked Sendable {}
