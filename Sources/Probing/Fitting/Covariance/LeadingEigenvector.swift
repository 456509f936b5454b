/// The eigenvector of the largest eigenvalue of a symmetric matrix without negative eigenvalues, by Lanczos'
/// method (1950) with every vector made orthogonal to all before it, twice. O(size²) a step; residual
/// streams, whose first component stands out, take some tens.
enum LeadingEigenvector {
  static let maximumSteps = 400
  /// Of the residual ‖A v − λ v‖ relative to λ: the vector is then good to about this over the relative gap.
  static let target = 1e-12

  /// - Throws: `.notConverged`.
  static func find(of matrix: WideMatrix) throws(FittingError) -> (value: Double, vector: [Double])
  {
    let size = matrix.size
    var basis: [[Double]] = []
    var diagonal: [Double] = []
    var beside: [Double] = []
    // The sum of all columns has a part along the first eigenvector, but for chance; ones alone need not.
    var start = matrix.product(with: (0..<size).map { 1 + Double($0 % 7) / 8 })
    if !(Vector.norm(start) > 0) { start = (0..<size).map { 1 + Double($0 % 5) } }
    var next = start.map { $0 / Vector.norm(start) }
    for step in 1...min(maximumSteps, size) {
      basis.append(next)
      var image = matrix.product(with: next)
      diagonal.append(Vector.dot(image, next))
      for _ in 0..<2 {
        for vector in basis {
          let share = Vector.dot(image, vector)
          for index in image.indices { image[index] -= share * vector[index] }
        }
      }
      let rest = Vector.norm(image)
      // The eigensystem of the small matrix is worth looking at every few steps.
      if step % 8 == 0 || rest == 0 || step == min(maximumSteps, size) {
        let (value, weights) = largest(diagonal, beside)
        let residual = rest * weights[weights.count - 1].magnitude
        if residual <= target * value || step == size {
          var vector = [Double](repeating: 0, count: size)
          for (weight, old) in zip(weights, basis) {
            for index in vector.indices { vector[index] += weight * old[index] }
          }
          let length = Vector.norm(vector)
          return (value, vector.map { $0 / length })
        }
      }
      if rest == 0 { break }
      beside.append(rest)
      next = image.map { $0 / rest }
    }
    throw .notConverged(iterations: maximumSteps)
  }

  /// The largest eigenvalue of a tridiagonal matrix, and its vector.
  private static func largest(
    _ diagonal: [Double], _ beside: [Double]
  ) -> (value: Double, vector: [Double]) {
    var matrix = SymmetricMatrix(size: diagonal.count)
    for index in diagonal.indices {
      matrix[index, index] = diagonal[index]
      if index + 1 < diagonal.count { matrix[index + 1, index] = beside[index] }
    }
    let eigen = SymmetricEigen(of: matrix)
    return (eigen.values[0], eigen.vectors[0])
  }
}

extension WideMatrix {
  var symmetric: SymmetricMatrix {
    var matrix = SymmetricMatrix(size: size)
    for row in 0..<size {
      for column in row..<size { matrix[row, column] = self[row, column] }
    }
    return matrix
  }
}
