import CCountersignShims

/// Where unpredictable bytes come from; injected, so that tests can repeat themselves.
package protocol RandomSource: Sendable {
    /// As many bytes as asked for, each of them unpredictable.
    func bytes(_ count: Int) -> [UInt8]
}

/// The operating system's generator (`getrandom`), the only source outside of tests.
package struct SystemRandomSource: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // One call for all of them: a step of a sign-in takes some twenty times as much as Swift's generator asks
            // the system for at once.
            guard unsafe countersign_random(buffer.baseAddress, count) else {
                preconditionFailure("The system gives no random bytes; nothing that follows could be trusted.")
            }
            filled = count
        }
    }
}
