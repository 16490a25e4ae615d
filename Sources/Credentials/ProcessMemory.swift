import CCountersignShims

/// Keeps the process small.
package enum ProcessMemory {
    /// Lets go of the code that only the start used; what is used again comes back from the file, a page at a time.
    package static func forgetStart() {
        countersign_unmap_code()
    }
}
