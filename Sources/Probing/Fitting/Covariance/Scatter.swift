/// Sums of squares and products about the mean, in Double, row after row.
struct Scatter {
  let count: Int
  /// [width].
  let mean: [Double]
  /// Σ (x − mean)(x − mean)ᵀ.
  let products: SymmetricMatrix

  /// - Parameter name: what the examples are called in an error.
  init(of activations: Activations, name: String) throws(FittingError) {
    guard activations.count > 0 else { throw .tooFew(needed: 1, given: 0, of: name) }
    try activations.checkFinite()
    count = activations.count
    // Corrected once: equal values then have exactly their value as mean, and no scatter.
    let rough = activations.mean
    var rest = [Double](repeating: 0, count: activations.width)
    for row in 0..<count {
      for (column, value) in activations[row].enumerated() { rest[column] += value - rough[column] }
    }
    mean = rough.indices.map { rough[$0] + rest[$0] / Double(activations.count) }
    var products = SymmetricMatrix(size: activations.width)
    let centre = mean
    var block: [Double] = []
    for first in stride(from: 0, to: count, by: 64) {
      let rows = first..<min(first + 64, count)
      block.removeAll(keepingCapacity: true)
      for row in rows { block += zip(activations[row], centre).lazy.map { $0 - $1 } }
      products.add(rows: block, count: rows.count)
    }
    self.products = products
  }

  /// Maximum-likelihood covariance: divided by n.
  var covariance: SymmetricMatrix { products / Double(count) }
}

extension Activations {
  /// - Throws: `.notFinite` with the first place.
  func checkFinite() throws(FittingError) {
    if let index = floats.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: index / width, column: index % width)
    }
  }
}

extension SymmetricMatrix {
  /// The Cholesky factor of a covariance after shrinkage.
  ///
  /// - Throws: `.noVariance` if its diagonal is 0, `.singular`.
  func shrunkFactor(_ shrinkage: Double, of name: String) throws(FittingError) -> Cholesky {
    guard trace > 0 else { throw .noVariance(of: name) }
    // A pivot that is rounding error would give directions that are noise: it counts as 0.
    guard let factor = Cholesky(of: shrunk(by: shrinkage), tolerance: 1e-13) else {
      throw .singular(of: name)
    }
    return factor
  }
}
