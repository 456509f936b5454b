/// Elementary functions in Double whose bits do not depend on the system's libm.
///
/// Built from operations that IEEE 754 rounds correctly everywhere (+ − × ÷ √), with the argument
/// reductions and minimax polynomials of fdlibm (Sun Microsystems, 1993); error below one ulp.
package enum Elementary {
  static let ln2High = 6.93147180369123816490e-01
  static let ln2Low = 1.90821492927058770002e-10

  /// Natural logarithm. NaN below zero, −∞ at zero.
  package static func log(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return -.infinity }
    if x.isInfinite { return x }
    var exponent = Int(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    let f = significand - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even =
      w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let odd =
      z
      * (6.666666666666735130e-01
        + w
        * (2.857142874366239149e-01
          + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let r = even + odd
    let half = 0.5 * f * f
    let k = Double(exponent)
    return k * ln2High - ((half - (s * (half + r) + k * ln2Low)) - f)
  }

  /// eˣ. +∞ on overflow, 0 on underflow.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.782712893384 { return .infinity }
    if x < -745.1332191019412 { return 0 }
    let k = (x * 1.44269504088896338700).rounded(.toNearestOrEven)
    let high = x - k * ln2High
    let low = k * ln2Low
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (1.66666666666666019037e-01
        + t
        * (-2.77777777770155933842e-03
          + t
          * (6.61375632143793436117e-05
            + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    return scaled(y, by: Int(k))
  }

  /// y · 2ᵏ with one rounding, gradual underflow included.
  static func scaled(_ y: Double, by k: Int) -> Double {
    if k > 1023 { return y * 0x1p1023 * Double(sign: .plus, exponent: k - 1023, significand: 1) }
    if k < -1022 {
      // In two steps, the first of them exact.
      return y * Double(sign: .plus, exponent: k + 64, significand: 1) * 0x1p-64
    }
    return y * Double(sign: .plus, exponent: k, significand: 1)
  }

  /// Cosine for |x| up to about 10⁵ (the reduction keeps three parts of π/2).
  package static func cos(_ x: Double) -> Double {
    let (quadrant, y, tail) = reduced(x)
    switch quadrant & 3 {
    case 0: return cosineKernel(y, tail)
    case 1: return -sineKernel(y, tail)
    case 2: return -cosineKernel(y, tail)
    default: return sineKernel(y, tail)
    }
  }

  /// Sine for |x| up to about 10⁵.
  package static func sin(_ x: Double) -> Double {
    if x == 0 { return x }
    let (quadrant, y, tail) = reduced(x)
    switch quadrant & 3 {
    case 0: return sineKernel(y, tail)
    case 1: return cosineKernel(y, tail)
    case 2: return -sineKernel(y, tail)
    default: return -cosineKernel(y, tail)
    }
  }

  private static func reduced(_ x: Double) -> (quadrant: Int, y: Double, tail: Double) {
    precondition(x.magnitude < 1e6, "sine and cosine are reduced for small arguments only")
    let k = (x * 6.36619772367581382433e-01).rounded(.toNearestOrEven)
    let first = x - k * 1.57079632673412561417e+00
    let second = k * 6.07710050630396597660e-11
    let rest = first - second
    let third = k * 2.02226624879595063154e-21 - ((first - rest) - second)
    let y = rest - third
    return (Int(k), y, (rest - y) - third)
  }

  private static func sineKernel(_ x: Double, _ tail: Double) -> Double {
    let z = x * x
    let v = z * x
    let r =
      8.33333333332248946124e-03
      + z
      * (-1.98412698298579493134e-04
        + z
        * (2.75573137070700676789e-06
          + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))
    return x - ((z * (0.5 * tail - v * r) - tail) - v * -1.66666666666666324348e-01)
  }

  private static func cosineKernel(_ x: Double, _ tail: Double) -> Double {
    let z = x * x
    let r =
      z
      * (4.16666666666666019037e-02
        + z
        * (-1.38888888888741095749e-03
          + z
          * (2.48015872894767294178e-05
            + z
            * (-2.75573143513906633035e-07
              + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))))
    let half = 0.5 * z
    let w = 1 - half
    return w + (((1 - w) - half) + (z * r - x * tail))
  }
}
