import Determinism

/// P(T ≤ t) for T = (Z + δ) / √(χ²/ν): Φ(t·s − δ) averaged over the density of s = √(χ²/ν), by
/// Simpson's rule.
func noncentralT(_ t: Double, _ freedom: Double, _ noncentrality: Double) -> Double {
  // log of the density of s without its power: 2 (ν/2)^(ν/2) / Γ(ν/2) · s^(ν−1) e^(−ν s²/2).
  let half = freedom / 2
  let constant = Elementary.log(2) + half * Elementary.log(half) - Elementary.lgamma(half)
  let steps = 400
  // s has mean about 1 and deviation about 1/√(2ν); beyond twelve of those is below 1e-30.
  let reach = 1 + 12 / (2 * freedom).squareRoot()
  let width = reach / Double(steps)
  var sum = 0.0
  for step in 0...steps {
    let s = Double(step) * width
    let weight = step == 0 || step == steps ? 1.0 : (step.isMultiple(of: 2) ? 2 : 4)
    let power = s == 0 ? (freedom == 1 ? 0 : -Double.infinity) : (freedom - 1) * Elementary.log(s)
    let density = Elementary.exp(constant + power - half * s * s)
    sum += weight * density * Normal.cumulative(t * s - noncentrality)
  }
  return sum * width / 3
}
