import COpenBLAS

/// Symmetric products and factorisations, at one thread. Square matrices are [size × size], row by row; of
/// symmetric ones the lower triangle is read. Bits depend on the kernels in use (`OpenBLAS.kernels`).
extension OpenBLAS {
  package enum FactorisationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The leading minor of this order is not positive.
    case notPositiveDefinite(order: Int)
    case notConverged(offDiagonals: Int)
    case notFinite(index: Int)

    package var description: String {
      switch self {
      case .notPositiveDefinite(let order):
        "the matrix is not positive definite: its leading minor of order \(order) is not positive"
      case .notConverged(let count): "\(count) eigenvalues did not converge"
      case .notFinite(let index): "entry \(index) of the matrix is not finite"
      }
    }
  }

  /// C += Xᵀ X, the lower triangle, of rows [rows × columns].
  ///
  /// - Parameter product: [columns × columns]; what lies above its diagonal is left alone.
  package static func addGram(
    of x: UnsafePointer<Float>, rows: Int, columns: Int, ld: Int,
    to product: UnsafeMutablePointer<Float>
  ) {
    begin()
    cblas_ssyrk(
      CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(rows), 1, x, blasint(ld), 1,
      product, blasint(columns))
  }

  /// The same in Double.
  package static func addGram(
    of x: UnsafePointer<Double>, rows: Int, columns: Int, ld: Int,
    to product: UnsafeMutablePointer<Double>
  ) {
    begin()
    cblas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(rows), 1, x, blasint(ld), 1,
      product, blasint(columns))
  }

  /// L with A = L Lᵀ, zeros above the diagonal (`dpotrf`).
  package static func cholesky(
    _ matrix: [Double], size: Int
  ) throws(FactorisationError) -> [Double] {
    try check(matrix, size: size)
    begin()
    var lower = matrix
    var (n, info) = (blasint(size), blasint(0))
    // What is the lower triangle by rows is the upper one by columns.
    dpotrf_("U", &n, &lower, &n, &info, 1)
    guard info == 0 else { throw .notPositiveDefinite(order: Int(info)) }
    for row in 0..<size {
      for column in row + 1..<max(size, row + 1) { lower[row * size + column] = 0 }
    }
    return lower
  }

  /// x with L Lᵀ x = right (`dpotrs`).
  package static func solution(cholesky lower: [Double], size: Int, of right: [Double]) -> [Double]
  {
    precondition(lower.count == size * size && right.count == size, "a factor and its vector")
    begin()
    var x = right
    var (n, one, info) = (blasint(size), blasint(1), blasint(0))
    dpotrs_("U", &n, &one, lower, &n, &x, &n, &info, 1)
    precondition(info == 0, "arguments of dpotrs")
    return x
  }

  /// Eigenvalues, rising, and their vectors [size × size], one a row, signs arbitrary (`dsyevd`).
  package static func symmetricEigen(
    _ matrix: [Double], size: Int
  ) throws(FactorisationError) -> (values: [Double], vectors: [Double]) {
    try check(matrix, size: size)
    begin()
    var vectors = matrix
    var values = [Double](repeating: 0, count: size)
    var n = blasint(size)
    // The room that the routine's manual asks for.
    var workSize = blasint(1 + 6 * size + 2 * size * size)
    var integerSize = blasint(3 + 5 * size)
    var work = [Double](repeating: 0, count: Int(workSize))
    var integers = [blasint](repeating: 0, count: Int(integerSize))
    var info = blasint(0)
    dsyevd_(
      "V", "U", &n, &vectors, &n, &values, &work, &workSize, &integers, &integerSize, &info, 1, 1)
    guard info == 0 else { throw .notConverged(offDiagonals: Int(info)) }
    return (values, vectors)
  }

  private static func check(_ matrix: [Double], size: Int) throws(FactorisationError) {
    precondition(size > 0 && matrix.count == size * size, "a square matrix")
    if let index = matrix.firstIndex(where: { !$0.isFinite }) { throw .notFinite(index: index) }
  }
}
