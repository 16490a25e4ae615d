import CCountersignShims

/// Keeps secrets in memory from getting onto the disk by a crash, and from other processes of the same user.
package enum ProcessHardening {
    /// Forbids core dumps and tracing. To be called first thing in `main`.
    ///
    /// - Returns: False if the system refused; worth a warning, not an end.
    @discardableResult
    package static func apply() -> Bool {
        countersign_forbid_core_dumps()
    }

    package static var isApplied: Bool {
        !countersign_is_dumpable()
    }
}
