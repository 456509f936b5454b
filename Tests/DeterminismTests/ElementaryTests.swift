import Determinism
import Testing

@Suite struct ElementaryTests {
  static let functions: [(name: String, function: @Sendable (Double) -> Double)] = [
    ("exp", Elementary.exp), ("log", Elementary.log), ("expm1", Elementary.expm1),
    ("log1p", Elementary.log1p), ("sin", Elementary.sin), ("cos", Elementary.cos),
    ("tanh", Elementary.tanh), ("erf", Elementary.erf), ("erfc", Elementary.erfc),
    ("lgamma", Elementary.lgamma),
  ]

  @Test(arguments: functions.map(\.name))
  func `a function is within two ulps of the exact value`(name: String) throws {
    let function = Self.functions.first { $0.name == name }!.function
    let golden = try Golden.document("elementary")[name]!
    let xs = golden["x"]!.doubles
    #expect(xs.count > 150)
    for (x, y) in zip(xs, golden["y"]!.doubles) {
      #expect(ulps(function(x), y) <= 2, "\(name)(\(x)) = \(function(x)), exactly \(y)")
    }
  }

  @Test func `a power is within two ulps of the exact value`() throws {
    let golden = try Golden.document("elementary")["pow"]!
    let bases = golden["x"]!.doubles
    let exponents = golden["second"]!.doubles
    #expect(bases.count > 200)
    for (index, y) in golden["y"]!.doubles.enumerated() {
      let value = Elementary.pow(bases[index], exponents[index])
      #expect(ulps(value, y) <= 2, "\(bases[index]) to the \(exponents[index]): \(value), \(y)")
    }
  }

  static let specialArguments: [(String, Double, Double)] = [
    ("exp", Double.infinity, Double.infinity), ("exp", -.infinity, 0), ("exp", 710, .infinity),
    ("exp", -746, 0), ("exp", 0, 1), ("exp", .nan, .nan),
    ("log", 0, -.infinity), ("log", -0.0, -.infinity), ("log", -1, .nan), ("log", 1, 0),
    ("log", .infinity, .infinity), ("log", .nan, .nan),
    ("expm1", -0.0, -0.0), ("expm1", -.infinity, -1), ("expm1", .infinity, .infinity),
    ("log1p", -0.0, -0.0), ("log1p", -1, -.infinity), ("log1p", -1.5, .nan),
    ("log1p", .infinity, .infinity), ("tanh", -0.0, -0.0), ("tanh", -.infinity, -1),
    ("tanh", 5e-324, 5e-324), ("erf", .infinity, 1), ("erf", -.infinity, -1), ("erf", -0.0, -0.0),
    ("erfc", .infinity, 0), ("erfc", -.infinity, 2), ("erfc", 0, 1), ("erfc", .nan, .nan),
    ("lgamma", 1, 0), ("lgamma", 2, 0), ("lgamma", 0, .infinity), ("lgamma", .infinity, .infinity),
    ("sin", -0.0, -0.0), ("cos", 0, 1),
  ]

  @Test(arguments: specialArguments.indices)
  func `special arguments have the values of IEEE 754`(index: Int) {
    let (name, x, y) = Self.specialArguments[index]
    let value = Self.functions.first { $0.name == name }!.function(x)
    #expect(y.isNaN ? value.isNaN : value.bitPattern == y.bitPattern, "\(name)(\(x)) = \(value)")
  }

  static let specialPowers: [(Double, Double, Double)] = [
    (.nan, 0.0, 1.0), (1, .nan, 1), (.nan, 1, .nan), (2, .nan, .nan), (0, 3, 0),
    (-0.0, 3, -0.0), (-0.0, 2, 0), (0, -1, .infinity), (-0.0, -1, -.infinity),
    (-0.0, -2, .infinity), (-2, 3, -8), (-2, 2, 4), (-2, 0.5, .nan), (-1, .infinity, 1),
    (-1, 5, -1), (-1, 4, 1), (-1, 0.5, .nan), (2, .infinity, .infinity), (0.5, .infinity, 0),
    (2, -.infinity, 0), (.infinity, 2, .infinity), (.infinity, -2, 0), (-.infinity, 3, -.infinity),
    (-.infinity, 2, .infinity), (-.infinity, -3, -0.0), (2, 1024, .infinity), (2, -1074, 5e-324),
    (2, -1080, 0), (-2, 1025, -.infinity), (1.5, 1e300, .infinity), (0.5, 1e300, 0), (4, 0.5, 2),
  ]

  @Test(arguments: specialPowers.indices)
  func `a power has the special cases of IEEE 754`(index: Int) {
    let (x, y, expected) = Self.specialPowers[index]
    let value = Elementary.pow(x, y)
    #expect(
      expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern,
      "pow(\(x), \(y)) = \(value)")
  }

  @Test func `exp and log rise, and undo each other`() {
    var stream = RandomStream(seed: 5, "elementary")
    for _ in 0..<2_000 {
      let x = -700 + 1400 * stream.uniform()
      #expect(Elementary.exp(x) <= Elementary.exp(x.nextUp))
      let y = Elementary.exp(x)
      #expect(Elementary.log(y) <= Elementary.log(y.nextUp))
      #expect((Elementary.log(y) - x).magnitude <= 4e-16 * max(1, x.magnitude))
    }
  }
}
