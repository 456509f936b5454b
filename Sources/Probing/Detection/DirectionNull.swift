import Determinism
import Statistics
import TensorCore

/// What directions without any knowledge score, thousands of them: a bar for those that are fitted.
///
/// All kinds are random combinations z of some rows M, in float32 products over many directions at once: a
/// null needs the shape of a distribution, not every digit of a score. Bits do not depend on threads or the
/// machine.
package struct DirectionNull: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Equally likely in every direction of the space.
    case isotropic
    /// As likely as the activations themselves vary: z is normal, M the fit set about its mean.
    case covariance
    /// The mean difference of pairs whose sides were exchanged by the toss of a coin.
    case permuted
  }

  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }

  package func missing(in sets: FitSets) -> String? {
    switch kind {
    case .isotropic: nil
    case .covariance:
      sets.positive.count + sets.negative.count + sets.clean.count > 1
        ? nil : "fewer than two rows of role fit"
    case .permuted:
      sets.isPaired && sets.positive.count > 0
        ? nil : "its rows of role fit are not all in pairs (pair_id)"
    }
  }

  /// Directions that one task makes and scores.
  private static let together = 50

  /// Of directions that have no sign.
  package struct Scores: Sendable {
    /// max(AUROC, 1 − AUROC).
    package let areas: NullDistribution
    /// |d′|.
    package let separations: NullDistribution
  }

  /// One whose scores overflow counts as a perfect one, against whatever is compared with it.
  package func scores(
    _ count: Int, sets: FitSets, positives: Activations, negatives: Activations, seed: UInt64,
    name: String, threads: Int
  ) -> Scores {
    let width = positives.width
    let rows = combined(sets)
    let tested = positives + negatives
    let (engine, pool) = (Engine(), WorkerPool(threads: threads))
    let groups = (count + Self.together - 1) / Self.together
    // Area and separation of each in turn.
    var found = [Double](repeating: .infinity, count: 2 * count)
    found.withUnsafeMutableBufferPointer { found in
      let found = found.baseAddress
      pool.forEach(groups) { group in
        let first = group * Self.together
        let number = min(Self.together, count - first)
        let directions = FloatBuffer(count: number * width, cleared: false)
        draw(
          first..<first + number, of: rows, width: width, seed: seed, name: name, engine,
          into: directions.pointer)
        let scores = FloatBuffer(count: number * tested.count, cleared: false)
        tested.floats.withUnsafeBufferPointer { floats in
          engine.multiply(
            .rightTransposed, m: number, n: tested.count, k: width, directions.pointer, lda: width,
            floats.baseAddress!, ldb: width, into: scores.pointer, ldc: tested.count)
        }
        for index in 0..<number {
          let own = UnsafeBufferPointer(
            start: scores.pointer + index * tested.count, count: tested.count
          ).map { Double($0) }
          let (high, low) = (Array(own[..<positives.count]), Array(own[positives.count...]))
          let area = (try? ROCCurve(positives: high, negatives: low))?.auroc ?? 1
          found![2 * (first + index)] = max(area, 1 - area)
          if let distance = try? dPrime(positives: high, negatives: low) {
            found![2 * (first + index) + 1] = distance.magnitude
          }
        }
      }
    }
    return Scores(
      areas: NullDistribution(stride(from: 0, to: found.count, by: 2).map { found[$0] }),
      separations: NullDistribution(stride(from: 1, to: found.count, by: 2).map { found[$0] }))
  }

  /// The rows that are combined; none for the isotropic null.
  private func combined(_ sets: FitSets) -> Activations? {
    switch kind {
    case .isotropic: return nil
    case .permuted:
      return Activations(
        width: sets.positive.width,
        floats: zip(sets.positive.floats, sets.negative.floats).map { $0 - $1 })
    case .covariance:
      let all =
        sets.positive.count + sets.negative.count > 1
        ? sets.positive + sets.negative : sets.clean + sets.outcomePositive
      let mean = all.mean.map { Float($0) }
      var floats = all.floats
      for row in 0..<all.count {
        for column in 0..<all.width { floats[row * all.width + column] -= mean[column] }
      }
      return Activations(width: all.width, floats: floats)
    }
  }

  /// [range × width]; each direction has a stream of its own.
  private func draw(
    _ range: Range<Int>, of rows: Activations?, width: Int, seed: UInt64, name: String,
    _ engine: Engine, into directions: UnsafeMutablePointer<Float>
  ) {
    let length = rows?.count ?? width
    var weights = [Float](repeating: 0, count: range.count * length)
    for (place, index) in range.enumerated() {
      var stream = RandomStream(
        seed: seed, "direction-null/\(kind.rawValue)/\(name)", UInt64(index))
      for position in 0..<length {
        weights[place * length + position] =
          kind == .permuted ? (stream.bool() ? 1 : -1) : Float(stream.normal())
      }
    }
    guard let rows else {
      for index in weights.indices { directions[index] = weights[index] }
      return
    }
    rows.floats.withUnsafeBufferPointer { floats in
      engine.multiply(
        .plain, m: range.count, n: width, k: length, weights, lda: length, floats.baseAddress!,
        ldb: width, into: directions, ldc: width)
    }
  }
}
