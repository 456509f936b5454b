import TensorCore

/// On what a computation runs: with backend `own` none of it may change a bit of the result.
package struct KernelConditions: Sendable, CustomStringConvertible {
  package let engine: Engine
  package let threads: Int

  /// nil for a backend or a family that there is not, or that this machine cannot run.
  ///
  /// - Parameter family: nil for the fastest.
  package init?(backend: String = "own", family: String? = nil, threads: Int = 1) {
    guard let backend = Backend(rawValue: backend),
      let family = family.map(KernelFamily.init(rawValue:)) ?? .best, family.isSupported
    else { return nil }
    engine = Engine(backend: backend, family: family)
    self.threads = threads
  }

  package var backend: String { engine.backend.rawValue }
  package var family: String { engine.family.rawValue }

  package var description: String {
    "\(backend == "own" ? family : backend), \(threads) \(threads == 1 ? "thread" : "threads")"
  }

  /// Kernel families that this machine can run, slowest first.
  package static var families: [String] { KernelFamily.supported.map(\.rawValue) }
}
