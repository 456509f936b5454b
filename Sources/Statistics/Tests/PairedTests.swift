/// Tests on paired differences, one for each seed. Two-sided p-values; exact where feasible.
package enum PairedTest {
  /// The exact sign test. Zero differences are dropped; 1 when none is left.
  package static func sign(_ differences: [Double]) throws(StatisticsError) -> Double {
    try check(differences)
    return evenly(differences.count { $0 > 0 }, of: differences.count { $0 != 0 })
  }

  /// McNemar's exact test of two rates on the same prompts: of those that one of the two alone defects on, does
  /// each have half?
  package static func mcNemar(onlyFirst: Int, onlySecond: Int) -> Double {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "counts are not negative")
    return evenly(onlyFirst, of: onlyFirst + onlySecond)
  }

  /// Twice the smaller tail of Binomial(n, ½).
  private static func evenly(_ successes: Int, of n: Int) -> Double {
    let tail = min(successes, n - successes)
    if 2 * tail == n { return 1 }
    return min(1, 2 * BetaDistribution.cumulative(0.5, Double(n - tail), Double(tail + 1)))
  }

  /// Largest number of pairs whose sign patterns are all looked at.
  package static let exactLimit = 20
  /// Largest number of pairs whose rank sums are counted.
  package static let countingLimit = 100

  /// The permutation test of the mean: the share of the 2ⁿ sign patterns whose sum is at least as
  /// far from zero as the one seen (itself included). Beyond 20 pairs of 2¹⁶ patterns, drawn, with the one
  /// seen among them.
  package static func permutation(_ differences: [Double]) throws(StatisticsError) -> Double {
    try check(differences)
    let n = differences.count
    guard n > 0 else { throw .tooFew(needed: 1, given: 0) }
    let magnitudes = differences.map(\.magnitude).sorted()
    let total = magnitudes.reduce(0, +)
    // In magnitude order, so that equal sets of signs give equal sums.
    let observed = differences.sorted { $0.magnitude < $1.magnitude }.reduce(0, +).magnitude
    // Sums that differ by rounding alone are ties.
    let reached = observed - 1e-12 * total
    if n > exactLimit {
      return PermutationTest(pairs: n, name: "mean") { isMinus in
        var sum = 0.0
        for index in 0..<n { sum += isMinus(index) ? -magnitudes[index] : magnitudes[index] }
        return sum.magnitude >= reached
      }.p
    }
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
  /// exactly given those ranks; by the normal distribution beyond 100 pairs. `statistic` is the smaller rank
  /// sum, as SciPy reports it.
  package static func wilcoxon(
    _ differences: [Double]
  ) throws(StatisticsError) -> (statistic: Double, p: Double) {
    try check(differences)
    let kept = differences.filter { $0 != 0 }
    guard !kept.isEmpty else { return (0, 1) }
    // Doubled, mean ranks are whole numbers.
    let ranks = meanRanks(of: kept.map(\.magnitude)).map { Int(2 * $0) }
    let total = ranks.reduce(0, +)
    let positive = zip(kept, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let smaller = min(positive, total - positive)
    if kept.count > countingLimit {
      // Each rank has an even chance: Σ r² / 4, doubled ranks four times that.
      let variance = ranks.reduce(0) { $0 + Double($1) * Double($1) } / 4
      let z = (Double(smaller) - Double(total) / 2) / variance.squareRoot()
      return (Double(smaller) / 2, min(1, 2 * Normal.cumulative(z)))
    }
    // shares[s]: of the sign patterns, those with positive rank sum s.
    var shares = [Double](repeating: 0, count: total + 1)
    shares[0] = 1
    for rank in ranks {
      for sum in stride(from: total, through: 0, by: -1) {
        shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2
      }
    }
    return (Double(smaller) / 2, min(1, 2 * shares[...smaller].reduce(0, +)))
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

  /// Two one-sided t tests (Schuirmann 1987): the chance of a mean so far inside the margins if the truth were
  /// at one of them. At most .05 exactly if Student's 90% interval lies inside. 0 or 1 where all are equal.
  package static func equivalence(
    _ differences: [Double], within margins: ClosedRange<Double>
  ) throws(StatisticsError) -> Double {
    try check(differences)
    guard differences.count >= 2 else { throw .tooFew(needed: 2, given: differences.count) }
    let summary = Summary(differences)
    if summary.squares == 0 {
      return summary.mean > margins.lowerBound && summary.mean < margins.upperBound ? 0 : 1
    }
    let gap = min(summary.mean - margins.lowerBound, margins.upperBound - summary.mean)
    return StudentT.cumulative(
      -gap / summary.standardError, degreesOfFreedom: Double(differences.count - 1))
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
