import Credentials
import ServiceLifecycle

/// Gives memory back after a crowd: the allocator keeps what was freed between pieces that are in use.
struct MemoryUpkeep: Service, CustomStringConvertible {
    /// What the log calls it.
    var description: String { "MemoryUpkeep" }

    private static let pause = Duration.seconds(5)
    /// A change that is worth the look through all that is free, which takes milliseconds. Less memory counts like more:
    /// a crowd that has gone leaves pages behind with little in them.
    private static let worthwhile = 4 * 1024 * 1024

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var before = 0
            while !Task.isCancelled {
                try await Task.sleep(for: Self.pause, clock: .suspending)
                guard let resident = ProcessMemory.residentBytes else { return }
                guard abs(resident - before) > Self.worthwhile else { continue }
                ProcessMemory.giveBack()
                before = ProcessMemory.residentBytes ?? resident
            }
        }
    }
}
