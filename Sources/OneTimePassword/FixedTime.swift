/// Comparison whose course does not depend on the content compared.
enum FixedTime {
    /// Whether two byte sequences are equal, looking at every byte in any case.
    ///
    /// Not inlined, so that the compiler cannot see that a caller only wants a `Bool` and stop at the first
    /// difference. Swift makes no promise beyond that. An unequal length is no secret and may answer at once.
    @inline(never)
    static func equals(_ lhs: [UInt8], _ rhs: [UInt8]) -> Bool {
        guard lhs.count == rhs.count else { return false }
        var difference: UInt8 = 0
        for index in lhs.indices {
            difference |= lhs[index] ^ rhs[index]
        }
        return difference == 0
    }
}
