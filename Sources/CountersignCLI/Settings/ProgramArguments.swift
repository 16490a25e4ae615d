import Foundation

/// What the program was called with.
enum ProgramArguments {
    /// Swift's own list is found by searching the memory below `environ`, and is empty when something that was loaded
    /// first has changed the environment (a preloaded library does). The kernel's list cannot be missed.
    static var current: [String] {
        let own = CommandLine.arguments
        guard own.isEmpty, let data = FileManager.default.contents(atPath: "/proc/self/cmdline") else { return own }
        let parts = data.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        // Each argument ends with NUL, so that the last part is empty.
        return Array(parts.dropLast())
    }
}
