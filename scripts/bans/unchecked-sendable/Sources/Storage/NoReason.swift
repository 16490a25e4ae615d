final class Statement: @unchecked Sendable {}
