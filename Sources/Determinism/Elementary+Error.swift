/// The error function, after fdlibm's rational approximations; error below one ulp (erf) and two
/// (erfc).
extension Elementary {
  /// 2/√π ∫₀ˣ e^(−t²) dt.
  package static func erf(_ x: Double) -> Double {
    if x.isNaN { return x }
    let a = x.magnitude
    let y: Double
    if a < 0.84375 {
      if a < 0x1p-28 {
        return a < 0x1p-1019 ? 0.125 * (8 * x + 1.02703333676410069053 * x) : x + efx * x
      }
      return x + x * nearZero(x * x)
    } else if a < 1.25 {
      y = erx + nearOne(a - 1)
    } else if a >= 6 {
      y = 1
    } else {
      y = 1 - tail(a) / a
    }
    return x < 0 ? -y : y
  }

  /// 1 − erf(x), accurate in the upper tail.
  package static func erfc(_ x: Double) -> Double {
    if x.isNaN { return x }
    let a = x.magnitude
    if a < 0.84375 {
      if a < 0x1p-56 { return 1 - x }
      let y = nearZero(x * x)
      return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y)
    }
    if a < 1.25 {
      let y = nearOne(a - 1)
      return x > 0 ? (1 - erx) - y : 1 + (erx + y)
    }
    if a < 28 {
      if x < -6 { return 2 }
      let y = tail(a) / a
      return x > 0 ? y : 2 - y
    }
    return x > 0 ? 0 : 2
  }

  private static let erx = 8.45062911510467529297e-01
  private static let efx = 1.28379167095512586316e-01

  /// erf(x)/x − 1 from z = x², below 0.84375.
  private static func nearZero(_ z: Double) -> Double {
    polynomial(
      z,
      [
        1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
        -5.77027029648944159157e-03, -2.37630166566501626084e-05,
      ])
      / polynomial(
        z,
        [
          1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
          1.32494738004321644526e-04, -3.96022827877536812320e-06,
        ])
  }

  /// erf(1 + s) − erx, between 0.84375 and 1.25.
  private static func nearOne(_ s: Double) -> Double {
    polynomial(
      s,
      [
        -2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
        3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
        -2.16637559486879084300e-03,
      ])
      / polynomial(
        s,
        [
          1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
          1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02,
        ])
  }

  /// a · erfc(a) from 1.25 on.
  private static func tail(_ a: Double) -> Double {
    let s = 1 / (a * a)
    let ratio: Double
    if a < 1 / 0.35 {
      ratio =
        polynomial(
          s,
          [
            -9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
            -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
            -8.12874355063065934246e+01, -9.81432934416914548592e+00,
          ])
        / polynomial(
          s,
          [
            1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
            6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
            6.57024977031928170135e+00, -6.04244152148580987438e-02,
          ])
    } else {
      ratio =
        polynomial(
          s,
          [
            -9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
            -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
            -4.83519191608651397019e+02,
          ])
        / polynomial(
          s,
          [
            1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
            3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
            -2.24409524465858183362e+01,
          ])
    }
    // e^(−a²) in two factors, of which the first has an exact argument.
    let z = Double(bitPattern: a.bitPattern & 0xFFFF_FFFF_0000_0000)
    return exp(-z * z - 0.5625) * exp((z - a) * (z + a) + ratio)
  }
}
