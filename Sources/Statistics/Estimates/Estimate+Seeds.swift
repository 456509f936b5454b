/// Estimates over seeds. The seed is the unit: prompts of one seed share its luck.
extension Estimate {
  /// The mean of a value without known bounds (a d′, a difference, a ratio), with Student's t
  /// interval.
  ///
  /// Measured coverage with 5 to 10 seeds (`Golden/coverage.csv`, 2,000 samples each): normal .95,
  /// heavy tails .95 to .97, exponential .88 to .90, log-normal .82 to .84. At a ceiling (70% of
  /// seeds at exactly 1) only .76 with 5 seeds and .87 with 10, nearly every miss an overclaim:
  /// give bounds where there are some. Bootstraps (percentile, BCa, bootstrap-t) did worse in their
  /// worst cell.
  ///
  /// Fewer than two values, or one that is not finite, give (−∞, ∞), which decides nothing. Equal
  /// values give an interval without width, which never supports a claim.
  package static func mean(overSeeds values: [Double], level: Double = 0.95) -> Estimate {
    guard let interval = studentInterval(values, level: level) else {
      return Estimate(
        value: values.allSatisfy(\.isFinite) ? Summary(values).mean : .nan, lower: -.infinity,
        upper: .infinity, n: values.count,
        method: values.count < 2
          ? "no interval: fewer than two seeds" : "no interval: a seed's value is not finite",
        level: level)
    }
    return Estimate(
      value: Summary(values).mean, lower: interval.lower, upper: interval.upper, n: values.count,
      method: "Student's t over seeds", level: level)
  }

  /// The mean of a value with known bounds (an AUROC, a score), which may sit at one of them.
  ///
  /// The hull of Student's t and of the mean under random seed weights with half a seed at each
  /// bound (``SeedWeights``), clipped to the bounds. Has width whatever the values are. Measured
  /// coverage with 5 to 10 seeds: at the ceiling ≥ .995 (Student's t alone .77 to .87), Beta(20, 1)
  /// ≥ .994, uniform ≥ .96.
  package static func mean(
    overSeeds values: [Double], within bounds: ClosedRange<Double>, level: Double = 0.95
  ) -> Estimate {
    let width = bounds.upperBound - bounds.lowerBound
    precondition(width > 0 && width.isFinite, "bounds are finite and differ")
    guard !values.isEmpty, values.allSatisfy({ bounds.contains($0) }) else {
      return Estimate(
        value: values.isEmpty ? .nan : Summary(values).mean, lower: bounds.lowerBound,
        upper: bounds.upperBound, n: values.count,
        method: values.isEmpty
          ? "no interval: no seeds" : "no interval: a seed's value is not within its bounds",
        level: level)
    }
    let share = SeedWeights.over(values.count).interval(
      of: values.map { ($0 - bounds.lowerBound) / width }, level: level)
    let student = studentInterval(values, level: level)
    let mean = Summary(values).mean
    let lower = min(bounds.lowerBound + width * share.lower, student?.lower ?? mean, mean)
    let upper = max(bounds.lowerBound + width * share.upper, student?.upper ?? mean, mean)
    return Estimate(
      value: mean, lower: max(bounds.lowerBound, lower), upper: min(bounds.upperBound, upper),
      n: values.count,
      method: "wider of Student's t and reweighted seeds with half an unseen seed at each bound",
      level: level)
  }

  /// The mean over seeds of a rate, each seed counting once. Seeds without trials are left out.
  ///
  /// The hull of three intervals, clipped to [0, 1]: Student's t over seeds; the exact binomial of
  /// the pooled prompts, below which no rate is known; and the mean under random seed weights with
  /// half a seed at 0 and half at 1, which allows for the kind of seed that was not drawn.
  ///
  /// Measured coverage with 5, 6, 8 and 10 seeds of 150 prompts (`Golden/coverage.csv`, 2,000
  /// samples each): ≥ .995 where 70% of seeds are at exactly 1 and the mean is .87 (percentile
  /// bootstrap .72 to .85, t ∪ binomial .76 to .87), ≥ .998 where a tenth of seeds collapse (t ∪
  /// binomial .41 at 5), ≥ .987 for beta-binomial seeds near 0.9 and above, ≥ .95 for U-shaped
  /// ones; lowest .924, where half of 8 seeds are at 0 and the others at 1. Of the family it is the
  /// narrowest that stays above .92 everywhere: a quarter of a seed falls to .85. The price: seeds
  /// that all report 1 bound the mean by .62 (5 seeds), .74 (8) and .78 (10), no better.
  package static func rate(overSeeds seeds: [Proportion], level: Double = 0.95) -> Estimate {
    let counted = seeds.filter { $0.trials > 0 }
    guard !counted.isEmpty else {
      return Estimate(
        value: .nan, lower: 0, upper: 1, n: 0, method: "no interval: no trials", level: level)
    }
    let over = mean(overSeeds: counted.map(\.value), within: 0...1, level: level)
    let pooled = counted.dropFirst().reduce(counted[0], +).clopperPearson(level: level)
    return Estimate(
      value: over.value, lower: min(over.lower, pooled.lower), upper: max(over.upper, pooled.upper),
      n: counted.count,
      method:
        "widest of Student's t over seeds, exact binomial of all prompts, and reweighted seeds "
        + "with half an unseen seed at 0 and at 1",
      level: level)
  }

  /// The share of seeds that do something, with the exact binomial interval.
  package static func share(_ seeds: Proportion, level: Double = 0.95) -> Estimate {
    let interval = seeds.clopperPearson(level: level)
    return Estimate(
      value: seeds.value, lower: interval.lower, upper: interval.upper, n: seeds.trials,
      method: "exact binomial (Clopper–Pearson) over seeds", level: level)
  }

  private static func studentInterval(
    _ values: [Double], level: Double
  ) -> (lower: Double, upper: Double)? {
    precondition(level > 0 && level < 1, "a level lies in (0, 1)")
    guard values.count >= 2, values.allSatisfy(\.isFinite) else { return nil }
    let summary = Summary(values)
    let t = StudentT.quantile(0.5 + level / 2, degreesOfFreedom: Double(values.count - 1))
    let reach = t * summary.standardError
    return (summary.mean - reach, summary.mean + reach)
  }
}
