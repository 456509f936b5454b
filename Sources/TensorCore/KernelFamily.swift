import CKernels

/// The instruction sets that the kernels are compiled for. All give equal bits; they differ in speed.
package enum KernelFamily: String, CaseIterable, Sendable {
  /// No fused multiply-add in hardware: `fmaf` from the C library, correctly rounded and slow.
  case baseline
  case avx2
  case avx512

  /// The fastest one that this machine can run.
  package static let best: KernelFamily =
    switch dm_best_family() {
    case DM_AVX512: .avx512
    case DM_AVX2: .avx2
    default: .baseline
    }

  /// Whether this machine can run it.
  package var isSupported: Bool { code.rawValue <= KernelFamily.best.code.rawValue }

  /// Those that this machine can run.
  package static var supported: [KernelFamily] { allCases.filter(\.isSupported) }

  var code: dm_family {
    switch self {
    case .baseline: DM_BASELINE
    case .avx2: DM_AVX2
    case .avx512: DM_AVX512
    }
  }
}
