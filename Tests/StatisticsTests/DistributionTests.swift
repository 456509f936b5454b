import Determinism
import Statistics
import Testing

@Suite struct DistributionTests {
  struct Case: Sendable {
    let name: String
    /// Relative to the golden value.
    let tolerance: Double
    let function: @Sendable ([Double]) -> Double
  }

  static let cases = [
    Case(name: "beta.cumulative", tolerance: 2e-11) {
      BetaDistribution.cumulative($0[0], $0[1], $0[2])
    },
    Case(name: "beta.quantile", tolerance: 1e-10) {
      BetaDistribution.quantile($0[0], $0[1], $0[2])
    },
    Case(name: "t.cumulative", tolerance: 1e-11) {
      StudentT.cumulative($0[0], degreesOfFreedom: $0[1])
    },
    Case(name: "t.quantile", tolerance: 1e-10) {
      StudentT.quantile($0[0], degreesOfFreedom: $0[1])
    },
    Case(name: "normal.cumulative", tolerance: 1e-13) { Normal.cumulative($0[0]) },
    Case(name: "normal.quantile", tolerance: 1e-13) { Normal.quantile($0[0]) },
  ]

  @Test(arguments: cases.indices)
  func `a distribution equals mpmath's or SciPy's`(index: Int) throws {
    let tested = Self.cases[index]
    let table = try Golden.document("statistics")["distributions"]![tested.name]!
    let columns = table["arguments"]!.array!.map(\.doubles)
    let values = table["values"]!.doubles
    #expect(values.count >= 8)
    for (row, value) in values.enumerated() {
      let arguments = columns.map { $0[row] }
      let ours = tested.function(arguments)
      let error = (ours - value).magnitude / max(value.magnitude, 1e-290)
      #expect(
        ours == value || error <= tested.tolerance, "\(tested.name)\(arguments): \(ours), \(value)")
    }
  }

  @Test func `quantile and distribution undo each other`() {
    var stream = RandomStream(seed: 8, "inverse")
    for _ in 0..<200 {
      let p = 0.0001 + 0.9998 * stream.uniform()
      let a = 0.2 + 50 * stream.uniform()
      let b = 0.2 + 50 * stream.uniform()
      let x = BetaDistribution.quantile(p, a, b)
      #expect((BetaDistribution.cumulative(x, a, b) - p).magnitude < 1e-12, "\(p) \(a) \(b)")
      let t = StudentT.quantile(p, degreesOfFreedom: a)
      #expect((StudentT.cumulative(t, degreesOfFreedom: a) - p).magnitude < 1e-12, "\(p) \(a)")
      #expect((Normal.cumulative(Normal.quantile(p)) - p).magnitude < 1e-14)
    }
  }

  @Test func `the ends of the range are exact`() {
    #expect(BetaDistribution.cumulative(0, 2, 3) == 0)
    #expect(BetaDistribution.cumulative(1, 2, 3) == 1)
    #expect(BetaDistribution.quantile(0, 2, 3) == 0)
    #expect(BetaDistribution.quantile(1, 2, 3) == 1)
    #expect(StudentT.quantile(0.5, degreesOfFreedom: 4) == 0)
    #expect(StudentT.cumulative(-.infinity, degreesOfFreedom: 4) == 0)
    #expect(Normal.quantile(0) == -.infinity)
    #expect(Normal.quantile(1) == .infinity)
    #expect(Normal.cumulative(0) == 0.5)
  }

  @Test func `proportions have SciPy's intervals`() throws {
    let cases = try Golden.document("statistics")["proportions"]!.array!
    #expect(cases.count == 22)
    for golden in cases {
      let proportion = Proportion(
        successes: golden["k"]!.int!, trials: golden["n"]!.int!)
      let level = golden["level"]!.doubles[0]
      let exact = proportion.clopperPearson(level: level)
      let wilson = proportion.wilson(level: level)
      // SciPy finds the exact bounds to 2e-12.
      for (ours, value) in zip(
        [exact.lower, exact.upper, wilson.lower, wilson.upper],
        golden["exact"]!.doubles + golden["wilson"]!.doubles)
      {
        #expect(
          (ours - value).magnitude <= 2e-12, "\(proportion): \(ours), \(value)")
      }
    }
    #expect(Proportion(successes: 0, trials: 0).clopperPearson() == (0, 1))
    #expect(Proportion(successes: 0, trials: 0).wilson() == (0, 1))
    #expect(Proportion(successes: 0, trials: 0).value.isNaN)
    #expect(
      Proportion(successes: 1, trials: 2) + Proportion(successes: 3, trials: 4)
        == Proportion(successes: 4, trials: 6))
  }
}
