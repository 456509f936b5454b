/// Tests on paired differences, one for each seed. Two-sided p-values; exact where feasible.
package enum PairedTest {
  /// The exact sign test. Zero differences are dropped; 1 when none is left.
  package static func sign(_ differences: [Double]) throws(StatisticsError) -> Double {
    try check(differences)
    let n = differences.count { $0 != 0 }
    let positive = differences.count { $0 > 0 }
    guard n > 0 else { return 1 }
    // Twice the smaller tail of Binomial(n, ½), as counts of a falling product.
    let tail = min(positive, n - positive)
    if 2 * tail == n { return 1 }
    let below = BetaDistribution.cumulative(0.5, Double(n - tail), Double(tail + 1))
    return min(1, 2 * below)
  }

  /// Largest number of pairs that the exact tests enumerate or count.
  package static let exactLimit = 20

  /// The permutation test of the mean: the share of the 2ⁿ sign patterns whose sum is at least as
  /// far from zero as the one seen (itself included). Exact; n ≤ 20.
  package static func permutation(_ differences: [Double]) throws(StatisticsError) -> Double {
    try check(differences)
    let n = differences.count
    guard n > 0 else { throw .tooFew(needed: 1, given: 0) }
    precondition(n <= exactLimit, "the exact permutation test takes at most \(exactLimit) pairs")
    let magnitudes = differences.map(\.magnitude).sorted()
    let total = magnitudes.reduce(0, +)
    // In magnitude order, so that equal sets of signs give equal sums.
    let observed = differences.sorted { $0.magnitude < $1.magnitude }.reduce(0, +).magnitude
    // Sums that differ by rounding alone are ties.
    let reached = observed - 1e-12 * total
    var count = 0
    func visit(_ index: Int, _ sum: Double) {
      guard index < n else {
        if sum.magnitude >= reached { count += 1 }
        return
      }
      visit(index + 1, sum + magnitudes[index])
      visit(index + 1, sum - magnitudes[index])
    }
    visit(0, 0)
    return Double(count) / Double(1 << n)
  }

  /// Wilcoxon's signed-rank test: zeros dropped, ties get mean ranks, the null distribution counted
  /// exactly given those ranks; n ≤ 20. `statistic` is the smaller rank sum, as SciPy reports it.
  package static func wilcoxon(
    _ differences: [Double]
  ) throws(StatisticsError) -> (statistic: Double, p: Double) {
    try check(differences)
    let kept = differences.filter { $0 != 0 }
    guard !kept.isEmpty else { return (0, 1) }
    precondition(kept.count <= exactLimit, "the exact test takes at most \(exactLimit) pairs")
    // Doubled, mean ranks are whole numbers.
    let ranks = meanRanks(of: kept.map(\.magnitude)).map { Int(2 * $0) }
    let total = ranks.reduce(0, +)
    let positive = zip(kept, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let smaller = min(positive, total - positive)
    // ways[s]: sign patterns with positive rank sum s.
    var ways = [Int](repeating: 0, count: total + 1)
    ways[0] = 1
    for rank in ranks {
      for sum in stride(from: total, through: rank, by: -1) { ways[sum] += ways[sum - rank] }
    }
    let tail = ways[...smaller].reduce(0, +)
    return (Double(smaller) / 2, min(1, 2 * Double(tail) / Double(1 << kept.count)))
  }

  /// Student's paired t test. 0 degrees of freedom and zero spread have no p-value: NaN, or 1 when
  /// every difference is zero.
  package static func student(
    _ differences: [Double]
  ) throws(StatisticsError) -> (t: Double, p: Double) {
    try check(differences)
    guard differences.count >= 2 else { throw .tooFew(needed: 2, given: differences.count) }
    let summary = Summary(differences)
    if summary.squares == 0 { return summary.mean == 0 ? (0, 1) : (.nan, .nan) }
    let t = summary.mean / summary.standardError
    return (t, StudentT.twoSided(t, degreesOfFreedom: Double(differences.count - 1)))
  }

  private static func check(_ differences: [Double]) throws(StatisticsError) {
    if let index = differences.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(index: index)
    }
  }
}

/// The smallest true mean difference, in units of the standard deviation of the differences, that a
/// two-sided paired t test on n pairs finds with the given power.
///
/// From the noncentral t distribution by numerical integration; n ≥ 2. Accurate to about 1e-6.
package func minimumDetectableEffect(
  pairs n: Int, power: Double = 0.8, level: Double = 0.95
) -> Double {
  precondition(n >= 2, "a paired t test needs two pairs")
  precondition(power > 0 && power < 1 && level > 0 && level < 1, "shares lie in (0, 1)")
  let freedom = Double(n - 1)
  let critical = StudentT.quantile(0.5 + level / 2, degreesOfFreedom: freedom)
  var low = 0.0
  var high = 1.0
  func reached(_ effect: Double) -> Double {
    let noncentrality = effect * Double(n).squareRoot()
    return 1 - noncentralT(critical, freedom, noncentrality)
      + noncentralT(-critical, freedom, noncentrality)
  }
  while reached(high) < power { high *= 2 }
  for _ in 0..<40 {
    let middle = (low + high) / 2
    if reached(middle) < power { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
