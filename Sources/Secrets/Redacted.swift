/// A value that must not get into a log by accident: it prints and reflects as a placeholder.
package struct Redacted<Value> {
    package let value: Value

    package init(_ value: Value) {
        self.value = value
    }
}

extension Redacted: Sendable where Value: Sendable {}
extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "redacted" }
    package var debugDescription: String { description }
    // Without this, `dump` and a reflecting logger would list `value`.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
