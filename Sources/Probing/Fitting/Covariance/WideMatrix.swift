import TensorCore

/// A symmetric matrix in double at the width of a large model's residual stream, by its upper triangle, whose
/// work is done in tiles that stay in the caches and on any number of threads. Every entry is one chain in a
/// fixed order, so that neither tiling, threads nor the instruction set change a bit.
///
/// `SymmetricMatrix` and `Cholesky` beside it are what `probe@1` was recorded with.
final class WideMatrix: @unchecked Sendable {
  let size: Int
  /// Doubles from row to row: whole vectors, and no power of two, which would meet in a few sets of a cache.
  let stride: Int
  /// What lies below the diagonal is scrap.
  let values: DoubleBuffer

  /// Rows of the blocks that a factorisation takes out at a time.
  static let block = 64

  init(size: Int) {
    self.size = size
    stride = Self.stride(of: size)
    values = DoubleBuffer(count: size * stride)
  }

  static func stride(of columns: Int) -> Int { (columns + 7) / 8 * 8 + 8 }

  /// A row's vectors from a column that begins one to the end.
  private var padded: Int { stride - 8 }

  subscript(row: Int, column: Int) -> Double {
    get { values.pointer[min(row, column) * stride + max(row, column)] }
    set { values.pointer[min(row, column) * stride + max(row, column)] = newValue }
  }

  var trace: Double { (0..<size).reduce(0) { $0 + self[$1, $1] } }

  private var blocks: [Range<Int>] {
    Swift.stride(from: 0, to: size, by: Self.block).map { $0..<min($0 + Self.block, size) }
  }

  /// Adds Σ x xᵀ over rows of a buffer whose stride is ours.
  func add(rows x: DoubleBuffer, count: Int, engine: Engine, pool: WorkerPool) {
    let blocks = blocks
    // The first stripes are the longest.
    pool.forEach(blocks.count) { index in
      let rows = blocks[index]
      engine.addProduct(
        m: rows.count, n: padded - rows.lowerBound, k: count, x.pointer + rows.lowerBound,
        lda: stride, x.pointer + rows.lowerBound, ldb: stride,
        to: values.pointer + rows.lowerBound * stride + rows.lowerBound, ldc: stride)
    }
  }

  func scale(by factor: Double, pool: WorkerPool) {
    pool.forEach(size) { row in
      let entries = values.pointer + row * stride
      for column in row..<size { entries[column] *= factor }
    }
  }

  func add(toDiagonal value: Double) {
    for index in 0..<size { self[index, index] += value }
  }

  /// (1 − γ) A + γ tr(A)/n I: all eigenvalues are pulled towards their mean (Ledoit and Wolf 2004, with a given
  /// γ).
  func shrink(by share: Double, pool: WorkerPool) {
    precondition((0...1).contains(share), "a share lies in [0, 1]")
    let level = share * trace / Double(size)
    scale(by: 1 - share, pool: pool)
    add(toDiagonal: level)
  }

  /// A vector times the matrix, [size].
  func product(with vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    for row in 0..<size {
      let entries = values.pointer + row * stride
      var sum = entries[row] * vector[row]
      for column in row + 1..<max(size, row + 1) {
        sum += entries[column] * vector[column]
        result[column] += entries[column] * vector[row]
      }
      result[row] += sum
    }
    return result
  }

  /// Takes the matrix for its factor; it is used up. nil if it is not positive definite, or holds a NaN.
  ///
  /// - Parameter tolerance: share of its diagonal entry below which a pivot counts as 0.
  func factorised(
    tolerance: Double = 0, engine: Engine, pool: WorkerPool
  ) -> WideCholesky? {
    let limits = (0..<size).map { tolerance * self[$0, $0] }
    for rows in blocks {
      let corner = values.pointer + rows.lowerBound * stride + rows.lowerBound
      let width = min(Self.block, padded - rows.lowerBound)
      for (index, row) in rows.enumerated() {
        // What the rows above it in this block take away, then the pivot.
        take(rowsAbove: index, from: corner, columns: width, engine)
        let pivot = corner[index * stride + index]
        guard pivot > limits[row], pivot.isFinite else { return nil }
        divide(corner + index * stride, by: pivot.squareRoot(), from: index, to: width)
      }
      let right = rows.lowerBound + width
      guard right < padded else { break }
      // The same for the columns to the right, whose pivots are known by now.
      let stripes = Swift.stride(from: right, to: padded, by: 8 * Self.block).map { $0 }
      pool.forEach(stripes.count) { index in
        let width = min(8 * Self.block, padded - stripes[index])
        let offset = stripes[index] - rows.lowerBound
        for index in 0..<rows.count {
          take(rowsAbove: index, from: corner, offset: offset, columns: width, engine)
          divide(
            corner + index * stride + offset, by: corner[index * stride + index], from: 0,
            to: width)
        }
      }
      let rest = blocks.filter { $0.lowerBound >= right }
      pool.forEach(rest.count) { index in
        let from = values.pointer + rows.lowerBound * stride + rest[index].lowerBound
        engine.addProduct(
          sign: -1, m: rest[index].count, n: padded - rest[index].lowerBound, k: rows.count, from,
          lda: stride, from, ldb: stride,
          to: values.pointer + rest[index].lowerBound * stride + rest[index].lowerBound,
          ldc: stride)
      }
    }
    return WideCholesky(upper: self)
  }

  /// Row `index` of a block minus its share of the finished rows above it.
  private func take(
    rowsAbove index: Int, from corner: UnsafeMutablePointer<Double>, offset: Int = 0, columns: Int,
    _ engine: Engine
  ) {
    engine.addProduct(
      sign: -1, m: 1, n: columns, k: index, corner + index, lda: stride, corner + offset,
      ldb: stride, to: corner + index * stride + offset, ldc: stride)
  }

  private func divide(
    _ row: UnsafeMutablePointer<Double>, by divisor: Double, from first: Int, to end: Int
  ) {
    for column in first..<end { row[column] /= divisor }
  }
}

/// U with A = Uᵀ U, in blocks.
package struct WideCholesky: Sendable {
  let upper: WideMatrix
  package var size: Int { upper.size }

  /// U⁻ᵀ v: its squared norm is vᵀ A⁻¹ v.
  package func whitened(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size, "a vector of \(size)")
    var x = vector
    let stride = upper.stride
    x.withUnsafeMutableBufferPointer { x in
      for row in 0..<size {
        let entries = upper.values.pointer + row * stride
        let value = x[row] / entries[row]
        x[row] = value
        for column in row + 1..<max(size, row + 1) { x[column] -= entries[column] * value }
      }
    }
    return x
  }

  /// x with A x = right.
  package func solution(of right: [Double]) -> [Double] {
    var x = whitened(right)
    for row in Swift.stride(from: size - 1, through: 0, by: -1) {
      let entries = upper.values.pointer + row * upper.stride
      var sum = x[row]
      for column in row + 1..<max(size, row + 1) { sum -= entries[column] * x[column] }
      x[row] = sum / entries[row]
    }
    return x
  }

  /// U⁻ᵀ of many vectors at once, in place.
  ///
  /// - Parameter columns: [size × stride], a vector a column; strides are whole vectors of 8.
  func whiten(_ columns: UnsafeMutablePointer<Double>, stride: Int, engine: Engine) {
    let values = upper.values.pointer
    for first in Swift.stride(from: 0, to: size, by: WideMatrix.block) {
      let end = min(first + WideMatrix.block, size)
      for row in first..<end {
        let target = columns + row * stride
        engine.addProduct(
          sign: -1, m: 1, n: stride, k: row - first, values + first * upper.stride + row,
          lda: upper.stride, columns + first * stride, ldb: stride, to: target, ldc: stride)
        let pivot = values[row * upper.stride + row]
        for column in 0..<stride { target[column] /= pivot }
      }
      guard end < size else { break }
      engine.addProduct(
        sign: -1, m: size - end, n: stride, k: end - first, values + first * upper.stride + end,
        lda: upper.stride, columns + first * stride, ldb: stride, to: columns + end * stride,
        ldc: stride)
    }
  }
}
