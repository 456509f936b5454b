import TensorCore

/// Float32 features as the kernels like them: columns centred, rows padded with zeros to whole vectors, and in
/// blocks that are a function of the number of rows alone.
///
/// Centring changes the intercept only and costs float32 products nothing of their precision where a column's
/// mean is far from 0.
struct CentredFeatures {
  let count: Int
  let width: Int
  /// Columns of a product: whole vectors.
  let padded: Int
  /// Floats from row to row. No power of two: a column would fall into a few sets of the cache.
  let stride: Int
  let values: FloatBuffer
  /// [width]: what was taken off.
  private(set) var mean: [Double]
  /// What centred features were multiplied by: a power of two, 1 unless they are extreme.
  private(set) var scale: Double

  /// Rows that one product takes: they and their weighted copy stay in the cache.
  static let blockRows = 256
  /// Ranges of rows that one task takes; at most 16 of them, because each has its own partial Hessian.
  var chunks: [Range<Int>] {
    let blocks = (count + Self.blockRows - 1) / Self.blockRows
    let rows = max(4, (blocks + 15) / 16) * Self.blockRows
    return Swift.stride(from: 0, to: count, by: rows).map { $0..<min($0 + rows, count) }
  }

  static func blocks(of rows: Range<Int>) -> [Range<Int>] {
    Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows).map {
      $0..<min($0 + blockRows, rows.upperBound)
    }
  }

  init(
    _ features: [Float], width: Int, engine: Engine, pool: WorkerPool
  ) throws(FittingError) {
    count = features.count / width
    self.width = width
    padded = (width + 15) / 16 * 16
    stride = padded.isMultiple(of: 64) ? padded + 16 : padded
    values = FloatBuffer(count: count * stride, cleared: padded != width)
    scale = 1
    mean = [Double](repeating: 0, count: width)
    let sums = columnSums(features, engine: engine, pool: pool)
    if !sums.allSatisfy(\.isFinite), let index = features.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: index / width, column: index % width)
    }
    // Sums of extreme features may overflow: such columns stay where they are.
    mean = sums.map { $0.isFinite ? $0 / Double(count) : 0 }
    let largest = centre(features, pool: pool)
    let exponent = largest > 0 ? largest.exponent : 0
    if !(-40...40).contains(exponent) {
      let factor = Float(
        sign: .plus, exponent: Swift.min(Swift.max(-exponent, -126), 126), significand: 1)
      for row in 0..<count {
        for column in 0..<padded { values.pointer[row * stride + column] *= factor }
      }
      scale = Double(factor)
    }
  }

  /// [width]: float32 chains over a block, added in Double in the order of the blocks.
  private func columnSums(_ features: [Float], engine: Engine, pool: WorkerPool) -> [Double] {
    let ones = [Float](repeating: 1, count: Self.blockRows)
    let partial = Partials(chunks: chunks.count, size: width)
    features.withUnsafeBufferPointer { features in
      pool.forEach(chunks.count) { chunk in
        let block = FloatBuffer(count: width)
        for rows in Self.blocks(of: chunks[chunk]) {
          engine.multiply(
            .plain, m: 1, n: width, k: rows.count, ones, lda: Self.blockRows,
            features.baseAddress! + rows.lowerBound * width, ldb: width, into: block.pointer,
            ldc: width)
          partial.add(block.pointer, to: chunk)
        }
      }
    }
    return partial.total
  }

  /// Fills `values`; returns the largest magnitude.
  private func centre(_ features: [Float], pool: WorkerPool) -> Float {
    let mean = mean.map { Float($0) }
    var largest = [Float](repeating: 0, count: chunks.count)
    largest.withUnsafeMutableBufferPointer { largest in
      let largest = largest.baseAddress!
      features.withUnsafeBufferPointer { features in
        mean.withUnsafeBufferPointer { mean in
          pool.forEach(chunks.count) { chunk in
            var lanes = SIMD16<Float>(repeating: 0)
            for row in chunks[chunk] {
              let from = features.baseAddress! + row * width
              let to = values.pointer + row * stride
              for column in 0..<width { to[column] = from[column] - mean[column] }
              let vectors = UnsafeRawPointer(to)
              for start in Swift.stride(from: 0, to: padded, by: 16) {
                let value = vectors.loadUnaligned(
                  fromByteOffset: 4 * start, as: SIMD16<Float>.self)
                lanes.replace(with: value, where: value .> lanes)
                lanes.replace(with: -value, where: -value .> lanes)
              }
            }
            largest[chunk] = lanes.max()
          }
        }
      }
    }
    return largest.max() ?? 0
  }

  /// The mean square of the centred features in their original units. In Double, row by row.
  func variance(pool: WorkerPool) -> Double {
    let partial = Partials(chunks: chunks.count, size: 1)
    pool.forEach(chunks.count) { chunk in
      var sum = 0.0
      for row in chunks[chunk] {
        for column in 0..<width {
          let value = Double(values.pointer[row * stride + column])
          sum += value * value
        }
      }
      partial[chunk][0] = sum
    }
    return partial.total[0] / Double(count * width) / (scale * scale)
  }
}

/// Sums in Double, one row for each chunk of a matrix, added up in the order of the chunks.
struct Partials {
  private let size: Int
  private let rows: [UnsafeMutablePointer<Double>]
  private let storage: Storage

  private final class Storage {
    let values: UnsafeMutablePointer<Double>
    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: 0, count: count)
    }
    deinit { values.deallocate() }
  }

  init(chunks: Int, size: Int) {
    self.size = size
    let storage = Storage(chunks * size)
    self.storage = storage
    rows = (0..<chunks).map { storage.values + $0 * size }
  }

  subscript(chunk: Int) -> UnsafeMutablePointer<Double> { rows[chunk] }

  func add(_ values: UnsafePointer<Float>, to chunk: Int) {
    let row = rows[chunk]
    for index in 0..<size { row[index] += Double(values[index]) }
  }

  var total: [Double] {
    var total = [Double](repeating: 0, count: size)
    for row in rows {
      for index in 0..<size { total[index] += row[index] }
    }
    return total
  }
}
