/// Who computes the products of matrices.
package enum Backend: String, CaseIterable, Sendable {
  /// Our own kernels: every output one sequential FMA chain, so bits depend on nothing but the inputs.
  case own
  /// OpenBLAS at one thread: the oracle in tests; its bits depend on the core type that it detects.
  case openblas
}
