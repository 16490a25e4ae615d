import Foundation
package import Secrets

/// The clock of the machine.
package struct SystemWallClock: WallClock {
    package init() {}

    package var now: UnixTime {
        UnixTime(seconds: Int64(Date().timeIntervalSince1970.rounded(.down)))
    }
}
