import Determinism

/// Successes out of trials, as counts.
package struct Proportion: Hashable, Sendable {
  package let successes: Int
  package let trials: Int

  package init(successes: Int, trials: Int) {
    precondition(trials >= 0 && (0...trials).contains(successes), "0 ≤ successes ≤ trials")
    self.successes = successes
    self.trials = trials
  }

  /// NaN without trials.
  package var value: Double {
    trials == 0 ? .nan : Double(successes) / Double(trials)
  }

  /// The exact interval (Clopper and Pearson 1934): covers at least at its level for every true
  /// rate, when trials are independent. [0, 1] without trials.
  package func clopperPearson(level: Double = 0.95) -> (lower: Double, upper: Double) {
    precondition(level > 0 && level < 1, "a level lies in (0, 1)")
    let tail = (1 - level) / 2
    let k = Double(successes)
    let rest = Double(trials - successes)
    return (
      successes == 0 ? 0 : BetaDistribution.quantile(tail, k, rest + 1),
      successes == trials ? 1 : BetaDistribution.quantile(1 - tail, k + 1, rest)
    )
  }

  /// The score interval (Wilson 1927): narrower, covers on average over rates. [0, 1] without
  /// trials.
  package func wilson(level: Double = 0.95) -> (lower: Double, upper: Double) {
    precondition(level > 0 && level < 1, "a level lies in (0, 1)")
    guard trials > 0 else { return (0, 1) }
    let z = Normal.quantile(0.5 + level / 2)
    let n = Double(trials)
    let p = value
    let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    let centre = p + z * z / (2 * n)
    return (
      successes == 0 ? 0 : max(0, (centre - spread) / scale),
      successes == trials ? 1 : min(1, (centre + spread) / scale)
    )
  }

  package static func + (left: Proportion, right: Proportion) -> Proportion {
    Proportion(successes: left.successes + right.successes, trials: left.trials + right.trials)
  }
}
