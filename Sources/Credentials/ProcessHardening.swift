import CCountersignShims
import Foundation

/// Keeps secrets in memory from getting onto the disk by a crash, and from other processes of the same user.
package enum ProcessHardening {
    /// Forbids core dumps and tracing. To be called first thing in `main`.
    ///
    /// - Returns: False if the system refused; worth a warning, not an end.
    @discardableResult
    package static func apply() -> Bool {
        countersign_forbid_core_dumps()
    }

    /// Whatever this process makes, its owner alone may read, from the first byte on: also what a library makes with a
    /// wide mode and narrows afterwards. To be called before anything is made.
    package static func keepFilesPrivate() {
        umask(0o077)
    }

    package static var isApplied: Bool {
        !countersign_is_dumpable()
    }
}
