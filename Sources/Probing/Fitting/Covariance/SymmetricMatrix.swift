/// A symmetric matrix by its lower triangle, and the solution of a system with it by Cholesky's
/// factorisation: sixty lines in a fixed order instead of a LAPACK whose bits depend on the machine.
package struct SymmetricMatrix: Equatable, Sendable {
  package let size: Int
  /// [size × size], row by row; only column ≤ row is kept.
  private var values: [Double]

  package init(size: Int) {
    self.size = size
    values = [Double](repeating: 0, count: size * size)
  }

  package subscript(row: Int, column: Int) -> Double {
    get { values[max(row, column) * size + min(row, column)] }
    set { values[max(row, column) * size + min(row, column)] = newValue }
  }

  /// Adds weight · v vᵀ.
  package mutating func add(_ vector: [Double], weight: Double) {
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<size {
        let scaled = weight * vector[row]
        for column in 0...row { values[row * size + column] += scaled * vector[column] }
      }
    }
  }

  /// x with A x = right. The matrix must be positive definite.
  package func solution(of right: [Double]) -> [Double] {
    let lower = factor()
    var x = right
    for row in 0..<size {
      var sum = x[row]
      for column in 0..<row { sum -= lower[row * size + column] * x[column] }
      x[row] = sum / lower[row * size + row]
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      var sum = x[row]
      for below in row + 1..<size { sum -= lower[below * size + row] * x[below] }
      x[row] = sum / lower[row * size + row]
    }
    return x
  }

  private func factor() -> [Double] {
    var lower = values
    lower.withUnsafeMutableBufferPointer { lower in
      for row in 0..<size {
        for column in 0...row {
          var sum = lower[row * size + column]
          for inner in 0..<column {
            sum -= lower[row * size + inner] * lower[column * size + inner]
          }
          if row == column {
            precondition(sum > 0, "a matrix that is not positive definite")
            lower[row * size + row] = sum.squareRoot()
          } else {
            lower[row * size + column] = sum / lower[column * size + column]
          }
        }
      }
    }
    return lower
  }
}
