import TensorCore

/// Sums of squares and products about the mean, in Double.
struct Scatter {
  let count: Int
  /// [width].
  let mean: [Double]
  /// Σ (x − mean)(x − mean)ᵀ.
  let products: WideMatrix

  /// Rows that one product takes.
  private static let blockRows = 128

  /// - Parameter name: what the examples are called in an error.
  init(
    of activations: Activations, name: String, into products: WideMatrix? = nil, pool: WorkerPool
  ) throws(FittingError) {
    guard activations.count > 0 else { throw .tooFew(needed: 1, given: 0, of: name) }
    try activations.checkFinite()
    count = activations.count
    mean = activations.centre
    self.products = products ?? WideMatrix(size: activations.width)
    let engine = Engine()
    let block = DoubleBuffer(count: Self.blockRows * self.products.stride)
    for first in stride(from: 0, to: count, by: Self.blockRows) {
      let rows = first..<min(first + Self.blockRows, count)
      activations.centred(rows, at: mean, into: block.pointer, stride: self.products.stride)
      self.products.add(rows: block, count: rows.count, engine: engine, pool: pool)
    }
  }
}

extension Activations {
  /// - Throws: `.notFinite` with the first place.
  func checkFinite() throws(FittingError) {
    if let index = floats.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: index / width, column: index % width)
    }
  }

  /// The mean, corrected once: equal values then have exactly their value as mean, and no scatter.
  var centre: [Double] {
    let rough = mean
    var rest = [Double](repeating: 0, count: width)
    floats.withUnsafeBufferPointer { floats in
      for row in 0..<count {
        let values = floats.baseAddress! + row * width
        for column in 0..<width { rest[column] += Double(values[column]) - rough[column] }
      }
    }
    return rough.indices.map { rough[$0] + rest[$0] / Double(count) }
  }

  /// Rows less a point, in Double; what lies beyond the width is left alone.
  func centred(
    _ rows: Range<Int>, at point: [Double], into block: UnsafeMutablePointer<Double>, stride: Int
  ) {
    floats.withUnsafeBufferPointer { floats in
      for (index, row) in rows.enumerated() {
        let (from, to) = (floats.baseAddress! + row * width, block + index * stride)
        for column in 0..<width { to[column] = Double(from[column]) - point[column] }
      }
    }
  }
}

extension WideMatrix {
  /// The Cholesky factor of a covariance after shrinkage; the matrix is used up.
  ///
  /// - Throws: `.noVariance` if its diagonal is 0, `.singular`.
  func shrunkFactor(
    _ shrinkage: Double, of name: String, pool: WorkerPool
  ) throws(FittingError) -> WideCholesky {
    guard trace > 0 else { throw .noVariance(of: name) }
    shrink(by: shrinkage, pool: pool)
    // A pivot that is rounding error would give directions that are noise: it counts as 0.
    guard let factor = factorised(tolerance: 1e-13, engine: Engine(), pool: pool) else {
      throw .singular(of: name)
    }
    return factor
  }
}
