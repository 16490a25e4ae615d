import CCountersignShims
import Foundation
package import Secrets

/// The clock of the machine.
package struct SystemWallClock: WallClock {
    package init() {}

    package var now: UnixTime {
        UnixTime(seconds: Int64(Date().timeIntervalSince1970.rounded(.down)))
    }

    /// Whether a time service keeps the kernel's clock right; nil where the kernel does not tell.
    package static var isSynchronised: Bool? {
        switch countersign_clock_is_synchronised() {
        case 0: false
        case 1: true
        default: nil
        }
    }
}
