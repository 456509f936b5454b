import TensorCore

/// Distance to the k-th nearest clean example, all of them at unit length (Sun et al. 2022, "Out-of-distribution
/// detection with deep nearest neighbors"), higher is stranger. It asks nothing of the shape of the clean
/// class, where `Mahalanobis` takes one ellipsoid. k is the root of the number of clean examples, rounded, at most
/// 100. A row of zeros stays where it is.
///
/// Distances are those of scikit-learn's `NearestNeighbors` on `normalize`d rows, to 1e-9 also where examples
/// coincide. Memory for 10,000 × 4,096: some tens of megabytes a thread beside the clean examples.
package struct NearestNeighbours: Sendable {
  package let clean: Activations

  package init(clean: Activations) { self.clean = clean }

  package static func rank(among count: Int) -> Int {
    min(100, max(1, Int(Double(count).squareRoot().rounded())))
  }

  /// - Throws: `.tooFew` below two examples, `.notFinite`.
  package func fitted() throws(FittingError) -> Fitted {
    guard clean.count >= 2 else { throw .tooFew(needed: 2, given: clean.count, of: "clean") }
    try clean.checkFinite()
    return Fitted(clean: clean, lengths: clean.lengths, rank: Self.rank(among: clean.count))
  }

  /// The frozen detector: the clean examples themselves.
  package struct Fitted: Sendable {
    package let clean: Activations
    /// [clean.count].
    let lengths: [Double]
    /// k.
    package let rank: Int

    /// Examples that one task scores, clean ones that it looks at together, and features of both.
    private static let (queries, together, features) = (128, 256, 512)
    /// No power of two, whose multiples would meet in a few sets of a cache.
    private static let stride = together + 8
    /// Of 2 x·y, beyond which rounding does not decide who is nearer.
    private static let band = 2e-11

    /// [count], between 0 and 2; NaN for an example that is not finite.
    package func scores(of activations: Activations, threads: Int = 1) -> [Double] {
      precondition(activations.width == clean.width, "equal widths")
      let own = activations.lengths
      var scores = [Double](repeating: 0, count: own.count)
      scores.withUnsafeMutableBufferPointer { scores in
        let scores = scores.baseAddress
        WorkerPool(threads: threads).forEach((own.count + Self.queries - 1) / Self.queries) {
          task in
          let rows = task * Self.queries..<min((task + 1) * Self.queries, own.count)
          let nearness = nearness(of: activations, rows, lengths: own)
          for (index, row) in rows.enumerated() {
            let from = nearness.pointer + index * clean.count
            scores![row] =
              own[row].isFinite
              ? distance(
                of: activations[row], length: own[row],
                UnsafeBufferPointer(start: from, count: clean.count)) : .nan
          }
        }
      }
      return scores
    }

    /// [rows × clean.count]: 2 x·y − ‖y‖², which falls as the distance rises.
    private func nearness(
      of activations: Activations, _ rows: Range<Int>, lengths own: [Double]
    ) -> DoubleBuffer {
      let (engine, width) = (Engine(), clean.width)
      let nearness = DoubleBuffer(count: rows.count * clean.count)
      let (left, right) = (
        DoubleBuffer(count: Self.features * Self.queries),
        DoubleBuffer(count: Self.features * Self.stride)
      )
      let products = DoubleBuffer(count: Self.queries * Self.stride)
      for first in Swift.stride(from: 0, to: clean.count, by: Self.together) {
        let others = first..<min(first + Self.together, clean.count)
        let padded = (others.count + 7) / 8 * 8
        products.clear()
        for feature in Swift.stride(from: 0, to: width, by: Self.features) {
          let columns = feature..<min(feature + Self.features, width)
          activations.unitColumns(rows, columns, lengths: own, into: left, stride: Self.queries)
          clean.unitColumns(others, columns, lengths: lengths, into: right, stride: Self.stride)
          engine.addProduct(
            m: rows.count, n: padded, k: columns.count, left.pointer, lda: Self.queries,
            right.pointer, ldb: Self.stride, to: products.pointer, ldc: Self.stride)
        }
        for index in 0..<rows.count {
          let (from, to) = (
            products.pointer + index * Self.stride,
            nearness.pointer + index * clean.count + first
          )
          for other in 0..<others.count {
            to[other] = 2 * from[other] - (lengths[first + other] > 0 ? 1 : 0)
          }
        }
      }
      return nearness
    }

    /// Of the k-th nearest. Products say who is near; where they cannot, and for the answer, differences do.
    private func distance(
      of example: some Sequence<Double>, length: Double, _ nearness: UnsafeBufferPointer<Double>
    ) -> Double {
      // The k nearest so far, nearest first.
      var best: [Double] = []
      for value in nearness where best.count < rank || value > best[rank - 1] {
        var place = best.count
        while place > 0, best[place - 1] < value { place -= 1 }
        best.insert(value, at: place)
        if best.count > rank { best.removeLast() }
      }
      let limit = best[rank - 1]
      let nearer = best.count { $0 > limit + Self.band }
      let unit = example.map { length > 0 ? $0 / length : 0 }
      let distances = nearness.indices
        .filter { (nearness[$0] - limit).magnitude <= Self.band }
        .map { other -> Double in
          var sum = 0.0
          for (a, b) in zip(unit, clean[other]) {
            let gap = a - (lengths[other] > 0 ? b / lengths[other] : 0)
            sum += gap * gap
          }
          return sum
        }
      return distances.sorted()[rank - 1 - nearer].squareRoot()
    }
  }
}

extension Activations {
  /// [count].
  fileprivate var lengths: [Double] {
    floats.withUnsafeBufferPointer { floats in
      (0..<count).map { row in
        var sum = 0.0
        for column in row * width..<(row + 1) * width {
          let value = Double(floats[column])
          sum += value * value
        }
        return sum.squareRoot()
      }
    }
  }

  /// Rows at unit length, as columns: [columns × rows]; what lies beyond the rows is 0.
  fileprivate func unitColumns(
    _ rows: Range<Int>, _ columns: Range<Int>, lengths: [Double], into block: DoubleBuffer,
    stride: Int
  ) {
    if rows.count < stride { block.clear() }
    floats.withUnsafeBufferPointer { floats in
      for (index, row) in rows.enumerated() {
        let from = floats.baseAddress! + row * width + columns.lowerBound
        let length = lengths[row]
        for column in 0..<columns.count {
          block.pointer[column * stride + index] = length > 0 ? Double(from[column]) / length : 0
        }
      }
    }
  }
}
