import CCountersignShims
import Foundation
import Glibc

/// Keeps the process small.
package enum ProcessMemory {
    /// Lets go of the code that only the start used; what is used again comes back from the file, a page at a time.
    package static func forgetStart() {
        countersign_unmap_code()
    }

    /// Large pieces, such as bodies that grow, leave no holes in the heap from now on.
    package static func mapLargePieces() {
        countersign_map_large_memory()
    }

    /// Gives memory that is free back to the system, which the allocator keeps after a crowd.
    package static func giveBack() {
        countersign_trim_memory()
    }

    package static var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * Int(getpagesize()) }
    }
}
