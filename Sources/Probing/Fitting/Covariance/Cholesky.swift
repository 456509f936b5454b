/// L with A = L Lᵀ, and systems solved with it; a few lines in a fixed order instead of a LAPACK whose bits
/// depend on the machine.
///
/// Why not LAPACK with its kernels pinned (`OpenBLAS.pin`): the pin holds for the whole process and would
/// take the training backend `openblas` its detected kernels, and it needs AVX2. So recorded values come from
/// here, with equal bits on every machine; LAPACK is the oracle in the tests. This one serves the studies' small
/// models and what `probe@1` recorded; `WideCholesky` works in blocks and is for any width.
package struct Cholesky: Equatable, Sendable {
  package let size: Int
  /// [size × size], row by row.
  private let lower: [Double]

  /// nil if the matrix is not positive definite, or holds a NaN. O(size³ / 3).
  ///
  /// - Parameter tolerance: share of its diagonal entry below which a pivot counts as 0.
  package init?(of matrix: SymmetricMatrix, tolerance: Double = 0) {
    let size = matrix.size
    let diagonal = (0..<size).map { matrix[$0, $0] }
    var lower = matrix.lowerTriangle
    var column = [Double](repeating: 0, count: size)
    let isDefinite = lower.withUnsafeMutableBufferPointer { lower in
      column.withUnsafeMutableBufferPointer { column in
        // Column after column is taken out of what is right of it (the inner loop has no sum, so it becomes
        // vector code); every entry sees the columns in ascending order.
        for pivot in 0..<size {
          let value = lower[pivot * size + pivot]
          guard value > tolerance * diagonal[pivot], value.isFinite else { return false }
          let root = value.squareRoot()
          lower[pivot * size + pivot] = root
          for row in pivot + 1..<size {
            let entry = lower[row * size + pivot] / root
            lower[row * size + pivot] = entry
            column[row] = entry
          }
          for row in pivot + 1..<size {
            let factor = column[row]
            let target = lower.baseAddress! + row * size
            for other in pivot + 1...row { target[other] -= factor * column[other] }
          }
        }
        return true
      }
    }
    guard isDefinite else { return nil }
    self.size = size
    self.lower = lower
  }

  /// L⁻¹ v: its squared norm is vᵀ A⁻¹ v.
  package func whitened(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size, "a vector of \(size)")
    var x = vector
    for row in 0..<size {
      var sum = x[row]
      for column in 0..<row { sum -= lower[row * size + column] * x[column] }
      x[row] = sum / lower[row * size + row]
    }
    return x
  }

  /// x with A x = right.
  package func solution(of right: [Double]) -> [Double] {
    var x = whitened(right)
    for row in stride(from: size - 1, through: 0, by: -1) {
      var sum = x[row]
      for below in row + 1..<size { sum -= lower[below * size + row] * x[below] }
      x[row] = sum / lower[row * size + row]
    }
    return x
  }
}
