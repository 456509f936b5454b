import Determinism

/// One key that a study file may set: its name, type, range, default and meaning.
///
/// The same table checks study files, fills in defaults, prints help and documents the format.
package struct OptionSpecification: Equatable, Sendable {
  package indirect enum Kind: Equatable, Sendable {
    case integer(ClosedRange<Int>)
    /// Finite numbers.
    case number(ClosedRange<Double>)
    case flag
    /// Any text, or one of the choices if there are any.
    case text(choices: [String])
    case list(of: Kind)
  }

  package let name: String
  package let kind: Kind
  /// nil when the study must say.
  package let defaultValue: JSON?
  /// What it is, with its unit.
  package let summary: String
  /// Whether it is left out of steps where it has its default: it came after records were made without it,
  /// and its default is what was done then. So their stage keys, and their bits, stay.
  package let isImplied: Bool

  package init(
    _ name: String, _ kind: Kind, default defaultValue: JSON?, implied: Bool = false,
    _ summary: String
  ) {
    precondition(!implied || defaultValue != nil, "what is implied has a default")
    isImplied = implied
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.summary = summary
  }
}
