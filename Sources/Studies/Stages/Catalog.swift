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
  /// Memory and seconds of a stage, for a dry run and for refusing what cannot fit; nil when not known.
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

/// What a stage costs: its time roughly, its memory as an upper bound that is close.
package struct StageCost: Equatable, Sendable {
  /// On one thread.
  package let seconds: Double
  /// At the peak, beside what each thread takes and what any process of the program takes.
  package let bytes: Int
  package let bytesPerThread: Int
  /// Threads beyond these take nothing.
  package let usefulThreads: Int

  package init(seconds: Double, bytes: Int, bytesPerThread: Int = 0, usefulThreads: Int = .max) {
    self.seconds = seconds
    self.bytes = bytes
    self.bytesPerThread = bytesPerThread
    self.usefulThreads = usefulThreads
  }

  /// At the peak, with this many threads.
  package func bytes(threads: Int) -> Int { bytes + min(threads, usefulThreads) * bytesPerThread }
}
