/// How many of so many claims would be supported if none held by more than a hair: a two-sided interval lies
/// wholly on the wrong side of a true boundary with half of 1 − level.
package func supportsByChance(claims: Int, level: Double = 0.95) -> Double {
  Double(claims) * (1 - level) / 2
}

/// The smallest true share that is found to lie above a bound, with the given power, by the exact binomial
/// interval over n seeds; nil where no outcome is enough. Above ½ it is the sign test's: the chance of a positive
/// difference in each of n pairs, undetectable below 6.
package func minimumDetectableShare(
  pairs n: Int, above bound: Double = 0.5, power: Double = 0.8, level: Double = 0.95
) -> Double? {
  precondition(power > 0 && power < 1 && level > 0 && level < 1, "shares lie in (0, 1)")
  guard n > 0, bound > 0, bound < 1 else { return nil }
  /// P(X ≥ k) of n with chance p.
  func atLeast(_ k: Int, _ p: Double) -> Double {
    k <= 0 ? 1 : BetaDistribution.cumulative(p, Double(k), Double(n - k + 1))
  }
  guard let needed = (1...n).first(where: { atLeast($0, bound) <= (1 - level) / 2 }) else {
    return nil
  }
  var (low, high) = (bound, 1.0)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if atLeast(needed, middle) < power { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
