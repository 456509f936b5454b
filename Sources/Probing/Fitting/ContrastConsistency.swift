import Determinism
import Statistics
import TensorCore

/// Contrast-consistent search (Burns et al. 2022, "Discovering latent knowledge in language models without
/// supervision"): a probe whose probabilities for the two sides of a pair are to add up to one and to be sure,
///
///   minimise 1/n Σᵢ [(p⁺ᵢ + p⁻ᵢ − 1)² + min(p⁺ᵢ, p⁻ᵢ)²] + ½ ridge ‖w‖²,   p±ᵢ = σ(w·z±ᵢ + b),
///
/// where z± are the features of a side less that side's mean, each divided by that side's deviation (of n), so
/// that which side it is cannot be read: what all pairs have in common, on which `MeanDifference` rests, is
/// gone. The penalty stands for the weight decay of the authors' code; with it there is a minimum also where
/// pairs are fewer than features. There are many, so starts are drawn from the seed, ten as in the paper and up
/// to a hundred where activations are small (2²¹ numbers over the starts); the lowest minimum stays, the first
/// among equals. Where starts are few another seed may find another one.
///
/// An example outside the contrast has no side: its score is the mean of the log-odds it would have on either,
/// which is a projection. The loss hardly changes when a probe is turned round, so the sign says nothing
/// and is fixed afterwards by the sides of the pairs it was fitted to, never by what is tested: positive sides
/// score higher on average. Works in Double, with equal bits for any number of threads.
package struct ContrastConsistency: Sendable {
  package let positive: Activations
  package let negative: Activations
  package let ridge: Double
  package let seed: UInt64

  /// Of the same answer for every example, p = 0.4.
  package static let uninformed = 0.2
  /// A start goes on until its gradient is this long; the lowest is then taken to `precise`.
  private static let rough = LimitedMemory(maximumIterations: 80, target: 1e-4)
  private static let precise = LimitedMemory(maximumIterations: 300, target: 1e-11)

  package var starts: Int { max(10, min(100, (1 << 21) / (2 * positive.floats.count))) }

  package init(positive: Activations, negative: Activations, ridge: Double = 0.01, seed: UInt64) {
    precondition(positive.width == negative.width, "equal widths")
    precondition(positive.count == negative.count, "contrast sets are pairs")
    precondition(ridge > 0 && ridge.isFinite, "a positive ridge")
    self.positive = positive
    self.negative = negative
    self.ridge = ridge
    self.seed = seed
  }

  /// What was found.
  package struct Fit: Equatable, Sendable {
    package let direction: Direction
    /// [width], on normalised features, before the sign was fixed.
    package let weights: [Double]
    package let intercept: Double
    /// With the penalty.
    package let objective: Double
  }

  /// - Parameter threads: change no bit.
  /// - Throws: `.tooFew` below two pairs, `.notFinite`, `.noVariance` if no feature varies on both sides,
  ///   `.uninformative` where no probe is better than a constant.
  package func fitted(threads: Int = 1) throws(FittingError) -> Direction {
    try fit(threads: threads).direction
  }

  package func fit(threads: Int = 1) throws(FittingError) -> Fit {
    let loss = try ConsistencyLoss(positive: positive, negative: negative)
    let size = positive.width + 1
    var minima = [LimitedMemory.Minimum?](repeating: nil, count: starts)
    minima.withUnsafeMutableBufferPointer { minima in
      let minima = minima.baseAddress!
      WorkerPool(threads: threads).forEach(starts) { start in
        // What a linear layer of PyTorch starts with, every other time three times as long.
        var stream = RandomStream(seed: seed, "ccs/start", UInt64(start))
        let bound = (start.isMultiple(of: 2) ? 1 : 3) / Double(size - 1).squareRoot()
        minima[start] = Self.rough.minimum(
          from: (0..<size).map { _ in bound * (2 * stream.uniform() - 1) },
          { loss.objective(at: $0, ridge: ridge) })
      }
    }
    var best = minima[0]!
    for other in minima.dropFirst() where other!.value < best.value { best = other! }
    let minimum = Self.precise.minimum(
      from: best.point, { loss.objective(at: $0, ridge: ridge) })
    guard minimum.value < Self.uninformed * (1 - 1e-6) else {
      throw .uninformative(of: "paired")
    }
    let weights = Array(minimum.point.dropLast())
    var (vector, offset) = ([Double](repeating: 0, count: weights.count), minimum.point.last!)
    for side in loss.sides {
      let own = zip(weights, side.scale).map { $0 * $1 }
      offset -= Vector.dot(own, side.mean) / 2
      for index in own.indices { vector[index] += own[index] / 2 }
    }
    let sign = Direction.sign(
      of: vector, along: Vector.difference(loss.sides[0].mean, loss.sides[1].mean))
    return Fit(
      direction: Direction(vector: vector.map { sign * $0 }, offset: sign * offset),
      weights: weights, intercept: minimum.point.last!, objective: minimum.value)
  }
}

/// What contrast-consistent search minimises, over weights on normalised features and an intercept, last.
package struct ConsistencyLoss: @unchecked Sendable {
  struct Side {
    let activations: Activations
    /// [width].
    let mean: [Double]
    /// One over the deviation; 0 for a feature that is constant on either side, which is left out.
    let scale: [Double]
  }

  /// Positive, negative.
  let sides: [Side]
  /// Features as they are normalised, a side's rows after the other's. Never written after `init`.
  private let normalised: DoubleBuffer
  private let stride: Int
  private let pairs: Int

  private static let blockRows = 128

  /// - Throws: `.tooFew`, `.notFinite`, `.noVariance`.
  package init(positive: Activations, negative: Activations) throws(FittingError) {
    let (width, pairs) = (positive.width, positive.count)
    guard pairs >= 2 else { throw .tooFew(needed: 2, given: pairs, of: "paired") }
    for activations in [positive, negative] { try activations.checkFinite() }
    stride = WideMatrix.stride(of: width)
    normalised = DoubleBuffer(count: 2 * pairs * stride)
    let means = [positive.centre, negative.centre]
    var scales: [[Double]] = []
    for (side, activations) in [positive, negative].enumerated() {
      let rows = normalised.pointer + side * pairs * stride
      activations.centred(0..<pairs, at: means[side], into: rows, stride: stride)
      var squares = [Double](repeating: 0, count: width)
      for row in 0..<pairs {
        let values = rows + row * stride
        for column in 0..<width { squares[column] += values[column] * values[column] }
      }
      scales.append(squares.map { $0 > 0 ? 1 / ($0 / Double(pairs)).squareRoot() : 0 })
    }
    for column in 0..<width where scales[0][column] == 0 || scales[1][column] == 0 {
      for side in 0..<2 { scales[side][column] = 0 }
    }
    guard scales[0].contains(where: { $0 > 0 }) else { throw .noVariance(of: "paired") }
    for row in 0..<2 * pairs {
      let values = normalised.pointer + row * stride
      let scale = scales[row / pairs]
      for column in 0..<width { values[column] *= scale[column] }
    }
    self.pairs = pairs
    sides = [
      Side(activations: positive, mean: means[0], scale: scales[0]),
      Side(activations: negative, mean: means[1], scale: scales[1]),
    ]
  }

  /// Consistency and confidence, a pair; without a penalty.
  package func value(weights: [Double], intercept: Double) -> Double {
    let margins = margins(weights, intercept)
    return (0..<pairs).reduce(0) { $0 + Term(margins[$1], margins[pairs + $1]).loss }
      / Double(pairs)
  }

  /// - Parameter point: [width + 1], the intercept last.
  func objective(at point: [Double], ridge: Double) -> (value: Double, gradient: [Double]) {
    let weights = Array(point.dropLast())
    let margins = margins(weights, point[weights.count])
    let slopes = DoubleBuffer(count: 2 * pairs)
    var (value, slope) = (0.0, 0.0)
    for pair in 0..<pairs {
      let term = Term(margins[pair], margins[pairs + pair])
      value += term.loss
      slopes.pointer[pair] = term.slopes.positive
      slopes.pointer[pairs + pair] = term.slopes.negative
      slope += term.slopes.positive + term.slopes.negative
    }
    let sums = DoubleBuffer(count: stride)
    let engine = Engine()
    for first in Swift.stride(from: 0, to: 2 * pairs, by: Self.blockRows) {
      engine.addProduct(
        m: 1, n: stride, k: min(Self.blockRows, 2 * pairs - first), slopes.pointer + first, lda: 1,
        normalised.pointer + first * stride, ldb: stride, to: sums.pointer, ldc: stride)
    }
    let share = 1 / Double(pairs)
    let gradient = weights.indices.map { share * sums.pointer[$0] + ridge * weights[$0] }
    return (
      share * value + ridge / 2 * Vector.dot(weights, weights), gradient + [share * slope]
    )
  }

  /// Of the positive sides, then of the negative ones.
  private func margins(_ weights: [Double], _ intercept: Double) -> [Double] {
    sides.flatMap { side in
      let vector = zip(weights, side.scale).map { $0 * $1 }
      return Direction(vector: vector, offset: intercept - Vector.dot(vector, side.mean))
        .scores(of: side.activations)
    }
  }

  /// One pair's part.
  private struct Term {
    let loss: Double
    let slopes: (positive: Double, negative: Double)

    init(_ positive: Double, _ negative: Double) {
      let (high, low) = (PlattScaling.logistic(positive), PlattScaling.logistic(negative))
      let gap = high - PlattScaling.logistic(-negative)
      let least = min(high, low)
      loss = gap * gap + least * least
      let isFirst = high <= low
      slopes = (
        2 * (gap + (isFirst ? high : 0)) * high * PlattScaling.logistic(-positive),
        2 * (gap + (isFirst ? 0 : low)) * low * PlattScaling.logistic(-negative)
      )
    }
  }
}
