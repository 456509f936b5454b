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
  /// The core type that OpenBLAS computes with here: it decides the bits of backend `openblas`, so the stage
  /// key names it.
  package let openBLASCore: @Sendable () -> String
  /// Memory and seconds of a stage, for a dry run and for refusing what cannot fit; nil when not known.
  package let cost: @Sendable (_ kind: String, _ options: JSON.Object) -> StageCost?

  package init(
    stages: [any Stage], organism: [OptionSpecification] = [], model: [OptionSpecification] = [],
    arms: [String], environment: @escaping @Sendable () -> JSON.Object = { JSON.Object() },
    openBLASCore: @escaping @Sendable () -> String = { "none" },
    cost: @escaping @Sendable (String, JSON.Object) -> StageCost? = { _, _ in nil }
  ) {
    self.stages = Dictionary(uniqueKeysWithValues: stages.map { ($0.kind, $0) })
    self.organism = organism
    self.model = model
    self.arms = arms
    self.environment = environment
    self.openBLASCore = openBLASCore
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

extension Catalog {
  /// What a stage key says of a study's `backend`: `own`, or `openblas/<core type>`.
  package func backend(_ name: String) -> String {
    name == "own" ? name : "\(name)/\(openBLASCore())"
  }

  /// Why this process cannot compute with a backend that a step names; nil if it can.
  package func problem(withBackend name: String) -> String? {
    guard name != "own", name != backend("openblas") else { return nil }
    let parts = name.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, parts[0] == "openblas" else {
      return "needs backend '\(name)', which this binary does not have"
    }
    return "needs OpenBLAS on core type \(parts[1]), here it is \(openBLASCore()) "
      + "(OPENBLAS_CORETYPE=\(parts[1]) chooses it on a processor that has its instructions)"
  }
}
