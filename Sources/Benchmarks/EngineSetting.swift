import TensorCore

/// Which kernels a benchmark runs on, by the names that options and documents use.
package struct EngineSetting: Sendable {
  let engine: Engine

  package static let backends = Backend.allCases.map(\.rawValue)
  package static let families = KernelFamily.allCases.map(\.rawValue)
  /// Those that this machine can run.
  package static let supportedFamilies = KernelFamily.supported.map(\.rawValue)

  /// - Parameter family: nil = the best that this machine can run.
  /// - Returns: nil for a name that is none, or a family that this machine cannot run.
  package init?(backend: String, family: String?) {
    guard let backend = Backend(rawValue: backend) else { return nil }
    let chosen = family.map { KernelFamily(rawValue: $0) } ?? .best
    guard let chosen, chosen.isSupported else { return nil }
    engine = Engine(backend: backend, family: chosen)
  }

  package var backend: String { engine.backend.rawValue }
  package var family: String { engine.family.rawValue }
  var isAVX2: Bool { engine.family == .avx2 }

  /// The core type that OpenBLAS has chosen; backend `openblas` is as fast as that.
  package static var openBLASCore: String { OpenBLAS.coreName }
}
