/// Where unpredictable bytes come from; injected, so that tests can repeat themselves.
package protocol RandomSource: Sendable {
    /// As many bytes as asked for, each of them unpredictable.
    func bytes(_ count: Int) -> [UInt8]
}

/// The operating system's generator (`getrandom`), the only source outside of tests.
package struct SystemRandomSource: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) where bytes.count < count {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }
}
