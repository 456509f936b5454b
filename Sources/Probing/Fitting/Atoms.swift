import TensorCore

/// Vectors of at most unit length, and the two steps that a dictionary is learnt by. Every sum is one chain in
/// a fixed order.
final class Atoms: @unchecked Sendable {
  let count: Int
  let width: Int
  /// [count × stride].
  private let values: DoubleBuffer
  private let stride: Int
  private let engine = Engine()

  /// Rows that one task codes.
  private static let together = 32
  /// Of a sweep over a row's codes, below which it is the last.
  private static let target = 1e-11

  /// Rows at unit length: first the longest, then each time the one of which the atoms so far leave most, the
  /// first among equals; until nothing is left.
  init(firstOf rows: CodedRows, most: Int) {
    (width, stride) = (rows.width, rows.stride)
    let values = DoubleBuffer(count: most * stride)
    let padded = (rows.count + 7) / 8 * 8
    let columns = rows.columns(0..<rows.count, stride: padded)
    let products = DoubleBuffer(count: rows.count * padded)
    engine.addProduct(
      m: rows.count, n: padded, k: width, columns.pointer, lda: padded, columns.pointer,
      ldb: padded, to: products.pointer, ldc: padded)
    let squares = (0..<rows.count).map { products.pointer[$0 * padded + $0] }
    let least = 1e-12 * (squares.max() ?? 0)
    var left = squares
    var found = 0
    while found < most {
      let row = left.indices.max { (left[$0], -$0) < (left[$1], -$1) }!
      guard left[row] > least else { break }
      let length = squares[row].squareRoot()
      let (from, to) = (rows.values.pointer + row * stride, values.pointer + found * stride)
      for column in 0..<width { to[column] = from[column] / length }
      for other in left.indices {
        let share = max(0, products.pointer[row * padded + other] / length)
        left[other] = min(left[other], squares[other] - share * share)
      }
      // Not by rounding alone.
      left[row] = 0
      found += 1
    }
    (count, self.values) = (found, values)
  }

  /// [count × width], row by row, each of at most unit length.
  init(_ vectors: [[Double]]) {
    (count, width) = (vectors.count, vectors[0].count)
    stride = WideMatrix.stride(of: width)
    values = DoubleBuffer(count: count * stride)
    for (index, vector) in vectors.enumerated() {
      for (column, value) in vector.enumerated() { values.pointer[index * stride + column] = value }
    }
  }

  func vector(_ index: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: values.pointer + index * stride, count: width))
  }

  /// The codes that minimise ½ ‖x − Σ cₖ dₖ‖² + penalty Σ cₖ over cₖ ≥ 0, by coordinate descent (Friedman et al.
  /// 2007) from what `codes` has.
  ///
  /// - Parameters:
  ///   - sweeps: over the codes of a row, at most.
  ///   - codes: [rows × count].
  func code(
    _ rows: CodedRows, penalty: Double, sweeps: Int, into codes: DoubleBuffer, pool: WorkerPool
  ) {
    let padded = (count + 7) / 8 * 8
    let transposed = DoubleBuffer(count: width * padded)
    for index in 0..<count {
      for column in 0..<width {
        transposed.pointer[column * padded + index] = values.pointer[index * stride + column]
      }
    }
    let gram = DoubleBuffer(count: count * padded)
    engine.addProduct(
      m: count, n: padded, k: width, transposed.pointer, lda: padded, transposed.pointer,
      ldb: padded, to: gram.pointer, ldc: padded)
    let groups = (rows.count + Self.together - 1) / Self.together
    pool.forEach(groups) { group in
      let first = group * Self.together
      let number = min(Self.together, rows.count - first)
      let turned = rows.columns(first..<first + number, stride: number)
      let products = DoubleBuffer(count: number * padded)
      engine.addProduct(
        m: number, n: padded, k: width, turned.pointer, lda: number, transposed.pointer,
        ldb: padded, to: products.pointer, ldc: padded)
      for index in 0..<number {
        descend(
          products.pointer + index * padded, gram: gram.pointer, padded: padded, penalty: penalty,
          sweeps: sweeps, codes.pointer + (first + index) * count)
      }
    }
  }

  /// - Parameter products: of the row with each atom; used up.
  private func descend(
    _ products: UnsafeMutablePointer<Double>, gram: UnsafePointer<Double>, padded: Int,
    penalty: Double, sweeps: Int, _ codes: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count where codes[index] > 0 {
      let (code, row) = (codes[index], gram + index * padded)
      for other in 0..<padded { products[other] -= code * row[other] }
    }
    for _ in 0..<sweeps {
      var largest = 0.0
      for index in 0..<count {
        let own = gram[index * padded + index]
        guard own > 0 else { continue }
        let next = max(0, codes[index] + (products[index] - penalty) / own)
        let change = next - codes[index]
        guard change != 0 else { continue }
        codes[index] = next
        largest = max(largest, change.magnitude)
        let row = gram + index * padded
        for other in 0..<padded { products[other] -= change * row[other] }
      }
      if largest <= Self.target { return }
    }
  }

  /// Each atom in turn becomes the best one for the codes and the others, cut to unit length; one that nobody
  /// uses stays.
  func better(_ rows: CodedRows, codes: DoubleBuffer) {
    let padded = (count + 7) / 8 * 8
    let wide = DoubleBuffer(count: rows.count * padded)
    for row in 0..<rows.count {
      for index in 0..<count {
        wide.pointer[row * padded + index] = codes.pointer[row * count + index]
      }
    }
    let uses = DoubleBuffer(count: count * padded)
    engine.addProduct(
      m: count, n: padded, k: rows.count, wide.pointer, lda: padded, wide.pointer, ldb: padded,
      to: uses.pointer, ldc: padded)
    let targets = DoubleBuffer(count: count * stride)
    engine.addProduct(
      m: count, n: stride, k: rows.count, wide.pointer, lda: padded, rows.values.pointer,
      ldb: stride, to: targets.pointer, ldc: stride)
    for index in 0..<count {
      let own = uses.pointer[index * padded + index]
      guard own > 1e-12 else { continue }
      let (target, atom) = (targets.pointer + index * stride, values.pointer + index * stride)
      engine.addProduct(
        sign: -1, m: 1, n: stride, k: count, uses.pointer + index * padded, lda: 1, values.pointer,
        ldb: stride, to: target, ldc: stride)
      var square = 0.0
      for column in 0..<width {
        atom[column] += target[column] / own
        square += atom[column] * atom[column]
      }
      let length = max(1, square.squareRoot())
      for column in 0..<width { atom[column] /= length }
    }
  }
}
