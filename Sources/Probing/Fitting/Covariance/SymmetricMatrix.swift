/// A symmetric matrix by its lower triangle.
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
    guard let factor = Cholesky(of: self) else {
      preconditionFailure("a matrix that is not positive definite")
    }
    return factor.solution(of: right)
  }

  /// The lower triangle in place of a full matrix: what is above the diagonal is 0.
  var lowerTriangle: [Double] { values }

  /// The sum of the diagonal.
  package var trace: Double { (0..<size).reduce(0) { $0 + self[$1, $1] } }

  package static func / (matrix: SymmetricMatrix, divisor: Double) -> SymmetricMatrix {
    var result = matrix
    for index in result.values.indices { result.values[index] /= divisor }
    return result
  }
}
