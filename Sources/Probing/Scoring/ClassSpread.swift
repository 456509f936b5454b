import Statistics
import TensorCore

/// How far two classes of activations lie apart, in units of their own spread.
package enum ClassSpread {
  /// Variance between two classes over the variance within them, each summed over the features: what the probes
  /// note draws by layer (MacDiarmid et al. 2024). The index of Calinski & Harabasz (1974), that
  /// scikit-learn's `calinski_harabasz_score` computes, is n − 2 times as large, so that it grows with the
  /// number of examples; this does not.
  ///
  /// - Returns: 0 where nothing varies; ∞ where only the classes differ.
  /// - Throws: `.tooFew` without one of the classes, `.notFinite`.
  package static func ratio(
    _ positive: Activations, _ negative: Activations
  ) throws(FittingError) -> Double {
    let pool = WorkerPool(threads: 1)
    let high = try Scatter(of: positive, name: "positive", pool: pool)
    let low = try Scatter(of: negative, name: "negative", pool: pool)
    let within = high.products.trace + low.products.trace
    let gap = Vector.difference(high.mean, low.mean)
    let (a, b) = (Double(high.count), Double(low.count))
    // Σ n |mean of the class − mean of all|².
    let between = a * b / (a + b) * Vector.dot(gap, gap)
    guard within > 0 else { return between > 0 ? .infinity : 0 }
    return between / within
  }

  /// Pearson's correlation of scores with the class that they are of (1 for positives): `scipy.stats`'
  /// `pointbiserialr`. NaN where all scores are equal.
  package static func correlation(positives: [Double], negatives: [Double]) -> Double {
    let (high, low) = (Summary(positives), Summary(negatives))
    let (a, b) = (Double(high.count), Double(low.count))
    let gap = high.mean - low.mean
    let between = a * b / (a + b) * gap * gap
    let total = between + high.squares + low.squares
    guard total > 0 else { return .nan }
    let size = (between / total).squareRoot()
    return gap < 0 ? -size : size
  }
}
