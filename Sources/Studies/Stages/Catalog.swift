import Determinism

/// What studies can be made of: the stages, the sections that they read, the arms.
///
/// `Experiments` fills it in; a test fills in toy stages.
package struct Catalog: Sendable {
  /// By kind.
  package let stages: [String: any Stage]
  /// Keys of a study's `organism:`, dots for nesting (`self_report_link.strength`).
  package let organism: [OptionSpecification]
  /// Keys of a study's `model:`.
  package let model: [OptionSpecification]
  package let arms: [String]
  /// Facts about the machine and the kernels for a record's circumstances: `cpu`, `kernel_family`,
  /// `openblas`, … Strings, numbers; no host name, user name or path.
  package let environment: @Sendable () -> JSON.Object
  /// Parameters in memory and seconds of a stage, roughly, for a dry run; nil when not known.
  package let cost: @Sendable (_ kind: String, _ options: JSON.Object) -> StageCost?

  package init(
    stages: [any Stage], organism: [OptionSpecification] = [], model: [OptionSpecification] = [],
    arms: [String], environment: @escaping @Sendable () -> JSON.Object = { JSON.Object() },
    cost: @escaping @Sendable (String, JSON.Object) -> StageCost? = { _, _ in nil }
  ) {
    self.stages = Dictionary(uniqueKeysWithValues: stages.map { ($0.kind, $0) })
    self.organism = organism
    self.model = model
    self.arms = arms
    self.environment = environment
    self.cost = cost
  }
}

/// A rough estimate for a dry run.
package struct StageCost: Equatable, Sendable {
  /// On one thread.
  package let seconds: Double
  package let bytes: Int
  package init(seconds: Double, bytes: Int) {
    self.seconds = seconds
    self.bytes = bytes
  }
}
