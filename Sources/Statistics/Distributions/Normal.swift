import Determinism

/// The standard normal distribution.
package enum Normal {
  /// Φ(x).
  package static func cumulative(_ x: Double) -> Double {
    0.5 * Elementary.erfc(-x * 0.70710678118654752440)
  }

  /// The density at x.
  package static func density(_ x: Double) -> Double {
    0.39894228040143267794 * Elementary.exp(-0.5 * x * x)
  }

  /// Φ⁻¹(p): Abramowitz and Stegun 26.2.23 improved by Halley steps.
  package static func quantile(_ p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "a probability lies in [0, 1]")
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    if p == 0.5 { return 0 }
    // 1 − p is exact for p ≥ ½.
    let tail = p < 0.5 ? p : 1 - p
    let t = (-2 * Elementary.log(tail)).squareRoot()
    var x =
      -(t - (2.515517 + t * (0.802853 + t * 0.010328))
        / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
    for _ in 0..<4 {
      let step = (cumulative(x) - tail) / density(x)
      if !step.isFinite { break }
      x -= step / (1 + 0.5 * x * step)
    }
    return p < 0.5 ? x : -x
  }
}
