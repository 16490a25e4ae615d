package import SignIn

/// An ending as the database keeps it for the other nodes and processes.
package struct AccessChangeRecord: Sendable {
    package let number: Int64
    package let change: SessionEnding

    package init(number: Int64, change: SessionEnding) {
        self.number = number
        self.change = change
    }
}
