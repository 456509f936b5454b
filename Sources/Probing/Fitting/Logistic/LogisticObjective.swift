import Determinism
import TensorCore

/// The penalised logistic loss on centred features: value, gradient and Hessian. A point is [weights,
/// intercept].
struct LogisticObjective {
  let design: CentredFeatures
  let labels: [Bool]
  /// Of ½ ‖w‖².
  let lambda: Double
  let engine: Engine
  let pool: WorkerPool
  private let chunks: [Range<Int>]

  init(
    design: CentredFeatures, labels: [Bool], lambda: Double, engine: Engine, pool: WorkerPool
  ) {
    self.design = design
    self.labels = labels
    self.lambda = lambda
    self.engine = engine
    self.pool = pool
    chunks = design.chunks
  }

  struct Point {
    /// [width + 1], the intercept last.
    let weights: [Double]
    let value: Double
    let gradient: [Double]
    /// [count]: p (1 − p) of each example.
    let curvature: FloatBuffer
  }

  func point(at weights: [Double]) -> Point {
    let (width, padded, stride) = (design.width, design.padded, design.stride)
    let curvature = FloatBuffer(count: design.count, cleared: false)
    let direction = FloatBuffer(count: padded)
    for column in 0..<width { direction.pointer[column] = Float(weights[column]) }
    let intercept = weights[width]
    // The gradient, the intercept's part of it, the loss.
    let partial = Partials(chunks: chunks.count, size: width + 2)
    labels.withUnsafeBufferPointer { labels in
      pool.forEach(chunks.count) { chunk in
        let margins = FloatBuffer(count: CentredFeatures.blockRows, cleared: false)
        let slopes = FloatBuffer(count: CentredFeatures.blockRows, cleared: false)
        let block = FloatBuffer(count: padded)
        let sums = partial[chunk]
        for rows in CentredFeatures.blocks(of: chunks[chunk]) {
          let x = design.values.pointer + rows.lowerBound * stride
          engine.dots(
            rows: rows.count, columns: padded, x, ldx: stride, direction.pointer,
            into: margins.pointer)
          var (slope, loss, product) = (0.0, 0.0, 1.0)
          for index in 0..<rows.count {
            let row = rows.lowerBound + index
            let term = LogisticTerm(
              margin: Double(margins.pointer[index]) + intercept, label: labels[row])
            slopes.pointer[index] = Float(term.slope)
            curvature.pointer[row] = Float(term.curvature)
            slope += term.slope
            loss += term.linearLoss
            product *= term.factor
          }
          engine.multiply(
            .plain, m: 1, n: padded, k: rows.count, slopes.pointer, lda: rows.count, x,
            ldb: stride, into: block.pointer, ldc: padded)
          for column in 0..<width { sums[column] += Double(block.pointer[column]) }
          sums[width] += slope
          // One logarithm for a block: 256 factors of at most 2 do not overflow.
          sums[width + 1] += loss + Elementary.log(product)
        }
      }
    }
    var gradient = partial.total
    var value = gradient.removeLast()
    for column in 0..<width {
      gradient[column] += lambda * weights[column]
      value += 0.5 * lambda * weights[column] * weights[column]
    }
    return Point(weights: weights, value: value, gradient: gradient, curvature: curvature)
  }

  /// Xᵀ D X + λ I with the intercept's row. The upper triangle is computed, in stripes.
  ///
  /// - Parameter sampling: 1 takes every block of rows, s every s-th of each chunk for all of them: an
  ///   estimate for an s-th of the price (Byrd et al. 2011).
  func hessian(at point: Point, sampling: Int) -> WideMatrix {
    let (width, padded, stride) = (design.width, design.padded, design.stride)
    let matrix = WideMatrix(size: width + 1)
    // At the width of a large model a chunk's products are as large as all examples: then a few at a time.
    let together = max(pool.threads, Self.mostFloats / (stride * stride))
    let products = (0..<min(together, chunks.count)).map { _ in
      FloatBuffer(count: stride * stride, cleared: false)
    }
    let border = Partials(chunks: chunks.count, size: width + 1)
    let weighted = (0..<pool.threads).map { _ in
      FloatBuffer(count: CentredFeatures.blockRows * stride, cleared: false)
    }
    for wave in Swift.stride(from: 0, to: chunks.count, by: products.count) {
      let count = min(products.count, chunks.count - wave)
      pool.run(count) { index, worker in
        let chunk = wave + index
        let (scaled, product) = (weighted[worker].pointer, products[index].pointer)
        let block = FloatBuffer(count: padded)
        let blocks = CentredFeatures.blocks(of: chunks[chunk])
        let taken = Swift.stride(from: 0, to: blocks.count, by: sampling).map { blocks[$0] }
        // What each row taken stands for.
        let share = Float(chunks[chunk].count) / Float(taken.reduce(0) { $0 + $1.count })
        let curvature = FloatBuffer(count: CentredFeatures.blockRows, cleared: false)
        for rows in taken {
          let x = design.values.pointer + rows.lowerBound * stride
          let d = curvature.pointer
          for row in 0..<rows.count {
            d[row] = share * point.curvature.pointer[rows.lowerBound + row]
          }
          for row in 0..<rows.count {
            let (from, to, factor) = (x + row * stride, scaled + row * stride, d[row])
            for column in 0..<padded { to[column] = factor * from[column] }
            border[chunk][width] += Double(factor)
          }
          let isFirst = rows.lowerBound == chunks[chunk].lowerBound
          for start in Swift.stride(from: 0, to: padded, by: Self.stripe) {
            let corner = product + start * stride + start
            engine.multiply(
              .leftTransposed, m: min(Self.stripe, padded - start), n: padded - start,
              k: rows.count,
              x + start, lda: stride, scaled + start, ldb: stride, start: isFirst ? nil : corner,
              lds: stride, into: corner, ldc: stride)
          }
          engine.multiply(
            .plain, m: 1, n: padded, k: rows.count, d, lda: rows.count, x, ldb: stride,
            into: block.pointer, ldc: padded)
          for column in 0..<width { border[chunk][column] += Double(block.pointer[column]) }
        }
      }
      add(products[..<count], to: matrix)
    }
    let edge = border.total
    for index in 0..<width {
      matrix[index, index] += lambda
      matrix[index, width] = edge[index]
    }
    matrix[width, width] = edge[width]
    return matrix
  }

  /// Floats that the products of chunks take at most, but for one a thread.
  private static let mostFloats = 64 << 20

  /// Rows of the Hessian that one product makes: what lies below the diagonal inside a stripe is waste.
  private static let stripe = 64

  /// The chunks' products, in their order.
  private func add(_ products: ArraySlice<FloatBuffer>, to matrix: WideMatrix) {
    let (width, stride) = (design.width, design.stride)
    pool.forEach(width) { row in
      let to = matrix.values.pointer + row * matrix.stride
      for product in products {
        let from = product.pointer + row * stride
        for column in row..<width { to[column] += Double(from[column]) }
      }
    }
  }
}

/// One example's part of the loss, linearLoss + log(factor), without cancellation at either end.
struct LogisticTerm {
  let linearLoss: Double
  /// 1 + e^−|margin|, between 1 and 2.
  let factor: Double
  /// p − y.
  let slope: Double
  /// p (1 − p).
  let curvature: Double

  init(margin: Double, label: Bool) {
    let e = Elementary.exp(-margin.magnitude)
    factor = 1 + e
    let likely = 1 / factor
    let unlikely = e * likely
    let isRight = (margin >= 0) == label
    linearLoss = isRight ? 0 : margin.magnitude
    slope = (isRight ? unlikely : likely) * (label ? -1 : 1)
    curvature = likely * unlikely
  }
}
