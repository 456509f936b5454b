import COpenBLAS

/// The one type that touches OpenBLAS: products here, factorisations and the choice of its kernels beside.
package enum OpenBLAS {
  /// How the library is threaded; `openmp` collapses when several of our threads call it.
  package enum Threading: String, Sendable {
    case serial, pthread, openmp, unknown
  }

  /// For a record's circumstances, e.g. `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …`.
  package static var configuration: String { String(cString: openblas_get_config()) }
  /// The core type chosen at start-up, e.g. `Cooperlake`; it decides the bits of backend `openblas`.
  package static var coreName: String { String(cString: openblas_get_corename()) }

  package static var threading: Threading {
    switch openblas_get_parallel() {
    case 0: .serial
    case 1: .pthread
    case 2: .openmp
    default: .unknown
    }
  }

  /// C[m,n] = beta C + A B, row-major; `transposed` says which operands are stored the other way round.
  static func multiply(
    transposed: (left: Bool, right: Bool), m: Int, n: Int, k: Int, a: UnsafePointer<Float>,
    lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float, c: UnsafeMutablePointer<Float>,
    ldc: Int
  ) {
    begin()
    cblas_sgemm(
      CblasRowMajor, transposed.left ? CblasTrans : CblasNoTrans,
      transposed.right ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }
}
