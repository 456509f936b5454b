import Determinism

/// The χ² distribution, through the regularised incomplete gamma function.
package enum ChiSquared {
  /// The probability of a value of at least x ≥ 0 with ν > 0 degrees of freedom.
  ///
  /// The series (DLMF 8.11.4) below the mean, the continued fraction (8.9.2, Lentz's method) above it.
  package static func upper(_ x: Double, degreesOfFreedom v: Double) -> Double {
    precondition(v > 0, "degrees of freedom are positive")
    if x.isNaN { return x }
    if x <= 0 { return 1 }
    if x.isInfinite { return 0 }
    let (a, z) = (v / 2, x / 2)
    let front = Elementary.exp(a * Elementary.log(z) - z - Elementary.lgamma(a))
    if z < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      while term > sum * 1e-17 {
        n += 1
        term *= z / n
        sum += term
      }
      return max(0, 1 - front * sum)
    }
    let tiny = 1e-300
    var b = z + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var h = d
    for i in 1...10_000 {
      let step = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / nonZero(step * d + b, tiny)
      c = nonZero(b + step / c, tiny)
      h *= d * c
      if (d * c - 1).magnitude < 1e-16 { break }
    }
    return front * h
  }

  private static func nonZero(_ value: Double, _ tiny: Double) -> Double {
    value.magnitude < tiny ? tiny : value
  }
}
