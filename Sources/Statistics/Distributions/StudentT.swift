import Determinism

/// Student's t distribution.
package enum StudentT {
  /// The probability of a value of at most t with ν > 0 degrees of freedom.
  package static func cumulative(_ t: Double, degreesOfFreedom v: Double) -> Double {
    if t.isNaN { return t }
    if t.isInfinite { return t > 0 ? 1 : 0 }
    let square = t * t
    // From the side that does not cancel.
    if square < v {
      let inside = BetaDistribution.cumulative(square / (v + square), 0.5, v / 2)
      return t < 0 ? (1 - inside) / 2 : 0.5 + inside / 2
    }
    let tail = BetaDistribution.cumulative(v / (v + square), v / 2, 0.5) / 2
    return t < 0 ? tail : 1 - tail
  }

  /// The probability of a magnitude of at least |t|.
  package static func twoSided(_ t: Double, degreesOfFreedom v: Double) -> Double {
    min(1, 2 * cumulative(-t.magnitude, degreesOfFreedom: v))
  }

  /// The t below which lies probability p, 0 < p < 1.
  package static func quantile(_ p: Double, degreesOfFreedom v: Double) -> Double {
    precondition(p > 0 && p < 1 && v > 0, "a probability in (0, 1) and positive degrees of freedom")
    if p == 0.5 { return 0 }
    let tail = min(p, 1 - p)
    let magnitude: Double
    if tail > 0.25 {
      let x = BetaDistribution.quantile(1 - 2 * tail, 0.5, v / 2)
      magnitude = (v * x / (1 - x)).squareRoot()
    } else {
      let x = BetaDistribution.quantile(2 * tail, v / 2, 0.5)
      magnitude = (v * (1 - x) / x).squareRoot()
    }
    return p < 0.5 ? -magnitude : magnitude
  }
}
