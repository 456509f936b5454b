/// Powers and hyperbolic functions, after fdlibm; error below one ulp.
extension Elementary {
  /// √x, correctly rounded by IEEE 754 on every machine. NaN below zero.
  package static func sqrt(_ x: Double) -> Double { x.squareRoot() }

  /// eˣ − 1, accurate near zero.
  package static func expm1(_ x: Double) -> Double {
    if x.isNaN || x == 0 { return x }
    if x > 709.782712893384 { return .infinity }
    if x < -38.816242111356935 { return -1 }
    if x.magnitude < 0x1p-54 { return x }
    var k = 0
    var reduced = x
    var tail = 0.0
    if x.magnitude > 0.5 * ln2 {
      k =
        x.magnitude < 1.5 * ln2
        ? (x < 0 ? -1 : 1) : Int((x * inverseLn2).rounded(.toNearestOrAwayFromZero))
      let high = x - Double(k) * ln2High
      let low = Double(k) * ln2Low
      reduced = high - low
      tail = (high - reduced) - low
    }
    let half = 0.5 * reduced
    let square = reduced * half
    let r = polynomial(
      square,
      [
        1, -3.33333333333331316428e-02, 1.58730158725481460165e-03, -7.93650757867487942473e-05,
        4.00821782732936239552e-06, -2.01099218183624371326e-07,
      ])
    let t = 3 - r * half
    var e = square * ((r - t) / (6 - reduced * t))
    if k == 0 { return reduced - (reduced * e - square) }
    e = (reduced * (e - tail) - tail) - square
    switch k {
    case -1: return 0.5 * (reduced - e) - 0.5
    case 1: return reduced < -0.25 ? -2 * (e - (reduced + 0.5)) : 1 + 2 * (reduced - e)
    case ...(-2), 57...: return scaled(1 - (e - reduced), by: k) - 1
    default:
      let small = Double(sign: .plus, exponent: -k, significand: 1)
      let y = k < 20 ? (1 - small) - (e - reduced) : (reduced - (e + small)) + 1
      return scaled(y, by: k)
    }
  }

  /// log(1 + x), accurate near zero. NaN below −1, −∞ at −1.
  package static func log1p(_ x: Double) -> Double {
    if x.isNaN || x < -1 { return .nan }
    if x == -1 { return -.infinity }
    if x == .infinity || x == 0 || x.magnitude < 0x1p-54 { return x }
    var k = 0
    var f = x
    var correction = 0.0
    if x > 0.41421356237309503 || x < -0.2928932188134525 {
      let sum = 1 + x
      k = Int(sum.exponent)
      var significand = sum.significand
      // What the addition lost, relative to the sum.
      correction = k < 54 ? (k > 0 ? 1 - (sum - x) : x - (sum - 1)) / sum : 0
      if significand > 1.4142135623730951 {
        significand *= 0.5
        k += 1
      }
      f = significand - 1
    }
    let half = 0.5 * f * f
    let s = f / (2 + f)
    let z = s * s
    let r =
      z
      * polynomial(
        z,
        [
          6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
          2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
          1.479819860511658591e-01,
        ])
    let scale = Double(k)
    if k == 0 { return f - (half - s * (half + r)) }
    return scale * ln2High - ((half - (s * (half + r) + (scale * ln2Low + correction))) - f)
  }

  /// Hyperbolic tangent.
  package static func tanh(_ x: Double) -> Double {
    if x.isNaN { return x }
    let a = x.magnitude
    let t: Double
    if a > 22 {
      t = 1
    } else if a > 0.5493061443340549 {
      t = 1 - 2 / (expm1(2 * a) + 2)
    } else if a > 0.2554128118829953 {
      let e = expm1(2 * a)
      t = e / (e + 2)
    } else if a >= 0x1p-1022 {
      let e = expm1(-2 * a)
      t = -e / (e + 2)
    } else {
      t = a
    }
    return x.sign == .minus ? -t : t
  }

  /// xʸ with the special cases of IEEE 754: pow(x, ±0) and pow(1, y) are 1; a negative x needs a
  /// whole y.
  package static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 || x == 1 { return 1 }
    if x.isNaN || y.isNaN { return .nan }
    let whole = y.isInfinite || y.rounded(.towardZero) == y
    let odd = whole && y.magnitude < 0x1p53 && (y / 2).rounded(.towardZero) != y / 2
    let a = x.magnitude
    let negative = x.sign == .minus && odd
    if y.isInfinite {
      if a == 1 { return 1 }
      return (a > 1) == (y > 0) ? .infinity : 0
    }
    if a == 0 || a.isInfinite || a == 1 {
      let magnitude = a == 1 ? 1 : ((a == 0) == (y > 0) ? 0.0 : Double.infinity)
      if a == 1, x < 0, !whole { return .nan }
      return negative ? -magnitude : magnitude
    }
    if x < 0, !whole { return .nan }
    // |y log x| beyond every exponent; also keeps the splitting below from overflowing.
    if y.magnitude > 0x1p64 {
      let magnitude = (a > 1) == (y > 0) ? Double.infinity : 0
      return negative ? -magnitude : magnitude
    }
    let magnitude = positivePower(a, y)
    return negative ? -magnitude : magnitude
  }

  /// aʸ for a positive finite a ≠ 1: y · log₂ a in two parts, then 2 to that.
  private static func positivePower(_ a: Double, _ y: Double) -> Double {
    let (high, low) = log2InTwoParts(a)
    let y1 = upperHalf(y)
    let pLow = (y - y1) * high + y * low
    var pHigh = y1 * high
    let z = pLow + pHigh
    if z > 1025 { return .infinity }
    if z < -1080 { return 0 }
    let k = z.magnitude > 0.5 ? z.rounded(.toNearestOrAwayFromZero) : 0
    pHigh -= k
    let t = upperHalf(pLow + pHigh)
    let u = t * 6.93147182464599609375e-01
    let v = (pLow - (t - pHigh)) * ln2 + t * -1.90465429995776804525e-09
    let sum = u + v
    let w = v - (sum - u)
    let square = sum * sum
    let t1 =
      sum - square
      * polynomial(
        square,
        [
          1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05,
          -1.65339022054652515390e-06, 4.13813679705723846039e-08,
        ])
    let r = (sum * t1) / (t1 - 2) - (w + sum * w)
    return scaled(1 - (r - sum), by: Int(k))
  }

  /// log₂ a as the sum of a double with 21 trailing zero bits and a correction.
  private static func log2InTwoParts(_ a: Double) -> (high: Double, low: Double) {
    var exponent = Double(a.exponent)
    var x = a.significand
    let base: Double
    let baseHigh: Double
    let baseLow: Double
    if x < 1.224744871391589 {
      (base, baseHigh, baseLow) = (1, 0, 0)
    } else if x < 1.7320508075688772 {
      (base, baseHigh, baseLow) = (1.5, 5.84962487220764160156e-01, 1.35003920212974897128e-08)
    } else {
      (base, baseHigh, baseLow) = (1, 0, 0)
      exponent += 1
      x *= 0.5
    }
    let u = x - base
    let v = 1 / (x + base)
    let s = u * v
    let sHigh = upperHalf(s)
    // x + base, its upper half and the rest.
    let sumHigh = upperHalf(x + base)
    let sumLow = x - (sumHigh - base)
    let sLow = v * ((u - sHigh * sumHigh) - sHigh * sumLow)
    let square = s * s
    var r =
      square * square
      * polynomial(
        square,
        [
          5.99999999999994648725e-01, 4.28571428578550184252e-01, 3.33333329818377432918e-01,
          2.72728123808534006489e-01, 2.30660745775561754067e-01, 2.06975017800338417784e-01,
        ])
    r += sLow * (sHigh + s)
    let sHighSquare = sHigh * sHigh
    let tHigh = upperHalf(3 + sHighSquare + r)
    let tLow = r - ((tHigh - 3) - sHighSquare)
    let product = sHigh * tHigh
    let productLow = sLow * tHigh + tLow * s
    let pHigh = upperHalf(product + productLow)
    let pLow = productLow - (pHigh - product)
    let zHigh = 9.61796700954437255859e-01 * pHigh
    let zLow =
      -7.02846165095275826516e-09 * pHigh + pLow * 9.61796693925975554329e-01 + baseLow
    let high = upperHalf(((zHigh + zLow) + baseHigh) + exponent)
    return (high, zLow - (((high - exponent) - baseHigh) - zHigh))
  }

  /// The double without its 32 lower bits: products of two such are exact.
  private static func upperHalf(_ x: Double) -> Double {
    Double(bitPattern: x.bitPattern & 0xFFFF_FFFF_0000_0000)
  }

  static let ln2 = 6.93147180559945286227e-01
  static let inverseLn2 = 1.44269504088896338700

  /// c₀ + c₁x + c₂x² + …, by Horner's rule.
  @inline(__always)
  static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    var sum = 0.0
    for coefficient in coefficients.reversed() { sum = coefficient + x * sum }
    return sum
  }
}
