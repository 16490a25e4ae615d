/// What a store may answer when it cannot do what was asked.
///
/// A refusal by a rule is a value of that rule; these mean that the rule could not be applied.
package enum StoreError: Error, Sendable, Equatable {
    /// Somebody else changed what the decision was based on, three times over.
    case conflict
    /// A unique name is taken already; the constraint's name.
    case duplicate(String)
    /// The database does not answer, is full, or is locked for too long.
    case unavailable
    /// Something that the schema promises does not hold, or a sealed value cannot be opened.
    case corrupt(String)
}
