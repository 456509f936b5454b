import Determinism
import Statistics
import Testing

@Suite struct RankTestTests {
  private func golden(_ name: String) throws -> JSON {
    try #require(try Golden.document("survival-and-ranks")[name])
  }

  private func expect(_ ours: Double, _ golden: JSON?, _ tolerance: Double = 1e-11) throws {
    let value = try #require(golden).doubles[0]
    if value.isNaN { return #expect(ours.isNaN) }
    #expect((ours - value).magnitude <= tolerance * max(1, value.magnitude), "\(ours), \(value)")
  }

  @Test func `rank correlations equal SciPy's, exact or not`() throws {
    let cases = try golden("correlations").array!
    #expect(cases.count == 7)
    for one in cases {
      let (x, y) = (one["x"]!.doubles, one["y"]!.doubles)
      let tau = try kendall(x, y)
      try expect(tau.value, one["tau"])
      try expect(tau.p, one["tauP"])
      let rho = try spearmanTest(x, y)
      try expect(rho.value, one["rho"])
      try expect(rho.p, one["rhoP"])
      #expect(rho.isExact == (x.count <= 9))
    }
  }

  @Test func `a constant side has no rank correlation`() throws {
    #expect(try kendall([1, 1, 1], [1, 2, 3]).value.isNaN)
    #expect(try spearmanTest([1, 1, 1], [1, 2, 3]).p.isNaN)
    #expect(throws: StatisticsError.tooFew(needed: 2, given: 1)) { try kendall([1], [1]) }
    #expect(throws: StatisticsError.lengthsDiffer(scores: 2, labels: 1)) {
      try kendall([1, 2], [1])
    }
    #expect(throws: StatisticsError.notANumber(index: 2)) { try kendall([1, 2], [.nan, 1]) }
    let two = try kendall([1, 2], [1, 2])
    #expect(two.value == 1 && two.p == 1 && two.isExact)
  }

  @Test func `Kruskal and Wallis' H equals SciPy's, η² and components statsmodels'`() throws {
    let cases = try golden("groups").array!
    #expect(cases.count == 4)
    for one in cases {
      let groups = one["groups"]!.array!.map(\.doubles)
      let test = try kruskalWallis(groups)
      try expect(test.statistic, one["h"])
      try expect(test.p, one["p"])
      try expect(etaSquared(groups), one["eta2"])
      let components = try VarianceComponents(nested: groups)
      try expect(components.draws, one["between"])
      try expect(components.rest, one["rest"])
      #expect(components.seeds.isNaN)
    }
  }

  @Test func `groups without any difference have H 0, and no shares of variance`() throws {
    #expect(try kruskalWallis([[1, 1], [1]]) == (0, 1))
    #expect(etaSquared([[1, 1], [1]]).isNaN)
    #expect(etaSquared([[1, 1], [2]]) == 1)
    #expect(etaSquared([[1, 3], [1, 3]]) == 0)
    #expect(throws: StatisticsError.tooFew(needed: 2, given: 1)) { try kruskalWallis([[1]]) }
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) { try kruskalWallis([[1], []]) }
  }

  @Test func `crossed components equal statsmodels' mean squares`() throws {
    for one in try golden("crossed").array! {
      let table = one["rows"]!.array!.map(\.doubles)
      let components = try VarianceComponents(crossed: table)
      try expect(components.draws, one["draws"], 1e-10)
      try expect(components.seeds, one["seeds"], 1e-10)
      try expect(components.rest, one["rest"], 1e-10)
      let interval = try VarianceComponents.interval(of: table, crossed: true, \.shareOfDraws)
      #expect(0 <= interval.lower && interval.lower <= interval.upper && interval.upper <= 1)
    }
  }

  @Test func `components of nothing are zero, of too little undefined`() throws {
    let equal = try VarianceComponents(nested: [[1, 1], [1, 1]])
    #expect(equal.draws == 0 && equal.rest == 0 && equal.shareOfDraws == 0)
    #expect(try VarianceComponents(nested: [[1, 2], [1, 2]]).draws == 0, "clamped")
    #expect(throws: StatisticsError.self) { try VarianceComponents(nested: [[1, 2]]) }
    #expect(throws: StatisticsError.self) { try VarianceComponents(nested: [[1], [2]]) }
    #expect(throws: StatisticsError.self) { try VarianceComponents(crossed: [[1, 2], [1]]) }
    #expect(throws: StatisticsError.notFinite(index: 1)) {
      try VarianceComponents(crossed: [[1, .nan], [1, 2]])
    }
    let far = try VarianceComponents.interval(
      of: [[0, 0.1], [5, 5.1], [9, 9.2]], crossed: false, \.shareOfDraws)
    #expect(far.upper > 0.99)
  }

  @Test func `equivalence equals statsmodels' two one-sided tests`() throws {
    for one in try golden("equivalence").array! {
      let margins = one["low"]!.doubles[0]...one["high"]!.doubles[0]
      try expect(try PairedTest.equivalence(one["d"]!.doubles, within: margins), one["p"])
    }
    #expect(try PairedTest.equivalence([0, 0], within: -1...1) == 0)
    #expect(try PairedTest.equivalence([1, 1], within: -1...1) == 1)
    #expect(throws: StatisticsError.self) { try PairedTest.equivalence([1], within: -1...1) }
  }

  @Test func `McNemar's test equals statsmodels' exact one`() throws {
    for one in try golden("mcNemar").array! {
      let p = PairedTest.mcNemar(onlyFirst: one["first"]!.int!, onlySecond: one["second"]!.int!)
      try expect(p, one["p"])
    }
  }

  @Test func `many pairs are counted, drawn or approximated`() throws {
    let one = try golden("long")
    let d = one["d"]!.doubles
    try expect(try PairedTest.wilcoxon(d).p, one["wilcoxon"])
    try expect(try PairedTest.wilcoxon(one["long"]!.doubles).p, one["asymptotic"])
    // Both are drawn: four standard errors of 2¹⁶ and of 400,000.
    let p = try PairedTest.permutation(d)
    let other = one["permutation"]!.doubles[0]
    #expect(
      (p - other).magnitude < 4 * (other * (1 - other) * (1 / 65_536.0 + 2.5e-6)).squareRoot())
    #expect(try PairedTest.permutation(Array(repeating: 0, count: 21)) == 1)
    #expect(try PairedTest.permutation(Array(repeating: 1, count: 40)) == 1 / 65_536.0)
  }

  @Test func `Page's test of many conditions or blocks equals SciPy's asymptotic one`() throws {
    for one in try golden("wideTrends").array! {
      let test = try pageTrend(one["rows"]!.array!.map(\.doubles))
      #expect(!test.isExact)
      #expect(test.statistic == one["statistic"]!.doubles[0])
      try expect(test.p, one["p"])
    }
    let equal = try pageTrend(Array(repeating: Array(repeating: 1, count: 9), count: 3))
    #expect(equal.p == 1 && !equal.isExact)
  }

  @Test func `Page's test given ties is exact over the orders of tied ranks`() throws {
    let one = try golden("tiedTrend")
    let test = try pageTrend(one["rows"]!.array!.map(\.doubles))
    #expect(test.isExact && test.statistic == one["statistic"]!.doubles[0])
    try expect(test.p, one["p"])
  }

  @Test func `a slope is what least squares give, and has the bounds of its values`() {
    #expect(leastSquaresSlope([0, 1, 2], [1, 3, 5]) == 2)
    #expect(leastSquaresSlope([1, 1], [0, 1]).isNaN)
    #expect(steepestSlope([0, 1, 2]) == 0.5)
    var stream = RandomStream(seed: 3, "slope")
    for _ in 0..<100 {
      let places = (0..<4).map { _ in stream.normal() }
      let values = (0..<4).map { _ in stream.bool() ? 1 : stream.uniform() }
      let slope = leastSquaresSlope(places, values)
      #expect(slope.magnitude <= steepestSlope(places) + 1e-12, "\(places) \(values)")
    }
  }

  @Test func `χ² tails equal SciPy's`() throws {
    let one = try golden("chiSquared")
    let (x, v, p) = (one["x"]!.doubles, one["v"]!.doubles, one["p"]!.doubles)
    for index in x.indices {
      let ours = ChiSquared.upper(x[index], degreesOfFreedom: v[index])
      #expect(
        (ours - p[index]).magnitude <= 1e-11 * p[index], "\(x[index]), \(v[index]): \(ours)")
    }
    #expect(ChiSquared.upper(0, degreesOfFreedom: 2) == 1)
    #expect(ChiSquared.upper(.infinity, degreesOfFreedom: 2) == 0)
  }

  @Test func `a sign test finds the share that it says with the power that it says`() throws {
    for one in try golden("shares").array! {
      let share = try #require(minimumDetectableShare(pairs: one["n"]!.int!))
      try expect(share, one["share"], 1e-9)
    }
    #expect(minimumDetectableShare(pairs: 5) == nil)
    #expect(minimumDetectableShare(pairs: 0) == nil)
  }

  @Test func `chance supports one one-sided claim in forty`() {
    #expect((supportsByChance(claims: 40) - 1).magnitude < 1e-12)
    #expect(supportsByChance(claims: 0) == 0)
  }
}
