/// Mean, spread and order statistics of a sample.
package struct Summary: Equatable, Sendable {
  package let count: Int
  package let mean: Double
  /// Sum of squared deviations from the mean.
  package let squares: Double
  package let minimum: Double
  package let median: Double
  package let maximum: Double

  /// Two passes, from the smallest value to the largest: the result does not depend on the order
  /// given. NaN throughout when the sample is empty or holds a NaN.
  package init(_ sample: [Double]) {
    count = sample.count
    guard !sample.isEmpty, !sample.contains(where: \.isNaN) else {
      (mean, squares, minimum, median, maximum) = (.nan, .nan, .nan, .nan, .nan)
      return
    }
    let sorted = sample.map { $0 + 0.0 }.sorted()
    let n = Double(sorted.count)
    let rough = sorted.reduce(0, +) / n
    // Corrected once: equal values then have exactly their value as mean, and no spread.
    let mean = rough.isFinite ? rough + sorted.reduce(0) { $0 + ($1 - rough) } / n : rough
    self.mean = min(max(mean, sorted[0]), sorted[sorted.count - 1])
    let centre = self.mean
    squares = sorted.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    minimum = sorted[0]
    median = sortedQuantile(sorted, 0.5)
    maximum = sorted[sorted.count - 1]
  }

  /// Unbiased (n − 1); NaN below two values.
  package var variance: Double { count < 2 ? .nan : squares / Double(count - 1) }
  package var standardDeviation: Double { variance.squareRoot() }
  package var standardError: Double { (variance / Double(count)).squareRoot() }
}

/// The quantile of type 7 (Hyndman and Fan 1996; R, NumPy): linear between order statistics.
///
/// - Throws: `.tooFew` for an empty sample, `.notANumber`.
package func quantile(_ sample: [Double], _ p: Double) throws(StatisticsError) -> Double {
  precondition(p >= 0 && p <= 1, "a probability lies in [0, 1]")
  guard !sample.isEmpty else { throw .tooFew(needed: 1, given: 0) }
  if let index = sample.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  return sortedQuantile(sample.sorted(), p)
}

func sortedQuantile(_ sorted: [Double], _ p: Double) -> Double {
  let position = p * Double(sorted.count - 1)
  let index = Int(position.rounded(.down))
  let share = position - Double(index)
  let low = sorted[index]
  if share == 0 { return low }
  let high = sorted[index + 1]
  return low == high ? low : low + share * (high - low)
}
