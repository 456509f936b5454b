import Determinism
import TensorCore

/// Fisher's linear discriminant (1936), as the log-odds of two normal classes of one covariance:
///
///   w = Σ⁻¹ (μ₊ − μ₋),   offset = −½ (μ₊ + μ₋)·w + log(n₊ / n₋),   Σ = (1 − γ) S + γ tr(S)/d I
///
/// with S the covariance within the classes, divided by n. What scikit-learn's
/// `LinearDiscriminantAnalysis(solver="lsqr", shrinkage=γ)` fits. Scores are nats; its sign is that of the
/// classes it was given. Works in Double, with bits that do not depend on the machine.
package struct LinearDiscriminant: Sendable {
  package let positive: Activations
  package let negative: Activations
  /// γ: 0 needs more examples than dimensions.
  package let shrinkage: Double

  package init(positive: Activations, negative: Activations, shrinkage: Double = 0.01) {
    precondition(positive.width == negative.width, "equal widths")
    precondition((0...1).contains(shrinkage), "a share lies in [0, 1]")
    self.positive = positive
    self.negative = negative
    self.shrinkage = shrinkage
  }

  /// - Parameter threads: change no bit.
  /// - Throws: `.tooFew` without one of the classes, `.notFinite`, `.noVariance` if all examples of
  ///   each class are equal, `.singular` without shrinkage.
  package func fitted(threads: Int = 1) throws(FittingError) -> Direction {
    let pool = WorkerPool(threads: threads)
    let high = try Scatter(of: positive, name: "positive", pool: pool)
    let low = try Scatter(of: negative, name: "negative", into: high.products, pool: pool)
    let within = low.products
    within.scale(by: 1 / Double(high.count + low.count), pool: pool)
    let factor = try within.shrunkFactor(shrinkage, of: "labelled", pool: pool)
    let vector = factor.solution(of: Vector.difference(high.mean, low.mean))
    let centre = Vector.dot(high.mean, vector) + Vector.dot(low.mean, vector)
    let prior = Elementary.log(Double(high.count)) - Elementary.log(Double(low.count))
    return Direction(vector: vector, offset: prior - centre / 2)
  }
}
