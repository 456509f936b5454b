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

  /// Adds v vᵀ for each of some rows [count × size] of a buffer, in their order; eight at a time, because
  /// what costs is to read and write the matrix.
  mutating func add(rows: UnsafePointer<Double>, count: Int) {
    let size = size
    values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: count, by: 8) {
        let v = rows + start * size
        let isWhole = start + 8 <= count
        for row in 0..<size {
          let target = values.baseAddress! + row * size
          guard isWhole else {
            for index in 0..<count - start {
              let factor = v[index * size + row]
              for column in 0...row { target[column] += factor * v[index * size + column] }
            }
            continue
          }
          let (v0, v1, v2, v3) = (v, v + size, v + 2 * size, v + 3 * size)
          let (v4, v5, v6, v7) = (v + 4 * size, v + 5 * size, v + 6 * size, v + 7 * size)
          let (f0, f1, f2, f3) = (v0[row], v1[row], v2[row], v3[row])
          let (f4, f5, f6, f7) = (v4[row], v5[row], v6[row], v7[row])
          for column in 0...row {
            var sum = target[column]
            sum += f0 * v0[column]
            sum += f1 * v1[column]
            sum += f2 * v2[column]
            sum += f3 * v3[column]
            sum += f4 * v4[column]
            sum += f5 * v5[column]
            sum += f6 * v6[column]
            sum += f7 * v7[column]
            target[column] = sum
          }
        }
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

  /// (1 − γ) A + γ tr(A)/n I: all eigenvalues are pulled towards their mean (Ledoit and Wolf 2004, with a
  /// given γ).
  package func shrunk(by share: Double) -> SymmetricMatrix {
    precondition((0...1).contains(share), "a share lies in [0, 1]")
    let level = share * trace / Double(size)
    var result = self
    for index in result.values.indices { result.values[index] *= 1 - share }
    for index in 0..<size { result[index, index] += level }
    return result
  }

  package static func + (left: SymmetricMatrix, right: SymmetricMatrix) -> SymmetricMatrix {
    precondition(left.size == right.size, "equal sizes")
    var sum = left
    for index in sum.values.indices { sum.values[index] += right.values[index] }
    return sum
  }

  package static func / (matrix: SymmetricMatrix, divisor: Double) -> SymmetricMatrix {
    var result = matrix
    for index in result.values.indices { result.values[index] /= divisor }
    return result
  }
}
