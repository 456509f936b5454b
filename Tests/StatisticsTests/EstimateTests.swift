import Determinism
import Statistics
import Testing

@Suite struct EstimateTests {
  private func rates(_ successes: [Int], of trials: Int) -> [Proportion] {
    successes.map { Proportion(successes: $0, trials: trials) }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a rate's interval is never narrower than the exact binomial, and stays in [0, 1]`(
    seed: UInt64
  ) {
    var stream = RandomStream(seed: seed, "estimate/rate")
    for _ in 0..<15 {
      let trials = 1 + stream.below(200)
      let ceiling = stream.bool()
      let seeds = (0..<(1 + stream.below(8))).map { _ in
        Proportion(
          successes: ceiling && stream.bool() ? trials : stream.below(trials + 1), trials: trials)
      }
      let estimate = Estimate.rate(overSeeds: seeds)
      let pooled = seeds.dropFirst().reduce(seeds[0], +).clopperPearson()
      #expect(estimate.lower <= pooled.lower && estimate.upper >= pooled.upper, "seed \(seed)")
      #expect(estimate.lower >= 0 && estimate.upper <= 1 && estimate.lower < estimate.upper)
      #expect(estimate.lower <= estimate.value && estimate.value <= estimate.upper)
      #expect(estimate.n == seeds.count)
      #expect(Estimate.rate(overSeeds: stream.shuffled(seeds)) == estimate, "seed \(seed)")
    }
  }

  @Test(arguments: [(5, 0.621), (6, 0.670), (8, 0.738), (10, 0.783)])
  func `seeds that all sit at the ceiling bound the rate as Jeffreys' interval does`(
    n: Int, lower: Double
  ) {
    let estimate = Estimate.rate(
      overSeeds: rates(Array(repeating: 150, count: n), of: 150))
    #expect(estimate.value == 1)
    #expect(estimate.upper == 1)
    // 10,000 draws: three standard errors of their 2.5% quantile.
    let exact = BetaDistribution.quantile(0.025, Double(n) + 0.5, 0.5)
    #expect((estimate.lower - exact).magnitude < 0.015)
    #expect((estimate.lower - lower).magnitude < 0.015)
    let floor = Estimate.rate(overSeeds: rates(Array(repeating: 0, count: n), of: 150))
    #expect(floor.lower == 0)
    #expect((floor.upper - (1 - exact)).magnitude < 0.015)
  }

  @Test func `a rate is the mean over seeds, whatever their number of trials`() {
    let seeds = [Proportion(successes: 1, trials: 2), Proportion(successes: 0, trials: 1_000)]
    #expect(Estimate.rate(overSeeds: seeds).value == 0.25)
    let withEmpty = seeds + [Proportion(successes: 0, trials: 0)]
    #expect(Estimate.rate(overSeeds: withEmpty) == Estimate.rate(overSeeds: seeds))
    let one = Estimate.rate(overSeeds: [seeds[0]])
    #expect(one.value == 0.5 && one.lower < 0.1 && one.upper > 0.9)
    let none = Estimate.rate(overSeeds: [])
    #expect(none.value.isNaN && none.lower == 0 && none.upper == 1 && none.n == 0)
    #expect(none.position(in: .atLeast(-1)) == .undecided)
  }

  @Test func `a mean without bounds has Student's interval, or none that decides anything`() {
    let estimate = Estimate.mean(overSeeds: [1, 2, 3, 4, 5])
    #expect(estimate.value == 3)
    #expect((estimate.lower - 1.036756838522439).magnitude < 1e-12)
    #expect((estimate.upper - 4.963243161477561).magnitude < 1e-12)
    #expect(estimate.method == "Student's t over seeds")
    for values in [[], [1.0], [1, .nan, 2], [1, .infinity, 2]] {
      let undefined = Estimate.mean(overSeeds: values)
      #expect(undefined.lower == -.infinity && undefined.upper == .infinity)
      #expect(undefined.position(in: .atLeast(-1e300)) == .undecided)
      #expect(undefined.method.hasPrefix("no interval"))
    }
  }

  @Test func `equal values give no width, and support nothing`() {
    let estimate = Estimate.mean(overSeeds: [1, 1, 1, 1, 1])
    #expect(estimate.lower == 1 && estimate.upper == 1)
    #expect(estimate.position(in: .atLeast(0.5)) == .undecided)
    #expect(estimate.position(in: .between(0...2)) == .undecided)
    #expect(estimate.position(in: .atMost(0.5)) == .outside)
    let bounded = Estimate.mean(overSeeds: [1, 1, 1, 1, 1], within: 0...1)
    #expect(bounded.lower < 0.7 && bounded.upper == 1)
  }

  @Test func `a bounded mean moves with its bounds`() {
    let values = [0.9, 1, 0.7, 1, 0.95]
    let unit = Estimate.mean(overSeeds: values, within: 0...1)
    let moved = Estimate.mean(overSeeds: values.map { 2 * $0 - 1 }, within: -1...1)
    #expect((moved.lower - (2 * unit.lower - 1)).magnitude < 1e-12)
    #expect((moved.upper - (2 * unit.upper - 1)).magnitude < 1e-12)
    let student = Estimate.mean(overSeeds: values)
    #expect(unit.lower <= student.lower && unit.upper == 1)
    let outside = Estimate.mean(overSeeds: [0.5, 1.5], within: 0...1)
    #expect(outside.lower == 0 && outside.upper == 1)
    #expect(outside.method == "no interval: a seed's value is not within its bounds")
  }

  @Test func `a share of seeds has the exact binomial interval`() {
    let all = Estimate.share(Proportion(successes: 10, trials: 10))
    #expect(all.value == 1 && all.upper == 1)
    #expect((all.lower - 0.6915028921812392).magnitude < 1e-12)
    #expect(all.n == 10)
    #expect(all.position(in: .atLeast(0.69)) == .inside)
    #expect(all.position(in: .atLeast(0.7)) == .undecided)
    #expect(
      Estimate.share(Proportion(successes: 0, trials: 0)).position(in: .atMost(1)) == .undecided)
  }

  @Test func `the position of an interval minds open and closed ends`() {
    let estimate = Estimate(value: 0.5, lower: 0.4, upper: 0.6, n: 5, method: "")
    let cases: [(Estimate.Region, Estimate.Position)] = [
      (.atLeast(0.4), .inside), (.above(0.4), .undecided), (.atMost(0.6), .inside),
      (.below(0.6), .undecided), (.atLeast(0.6), .undecided), (.above(0.6), .outside),
      (.atMost(0.4), .undecided), (.below(0.4), .outside), (.between(0.4...0.6), .inside),
      (.between(0.5...0.7), .undecided), (.between(0.7...0.8), .outside),
      (.between(0.1...0.3), .outside), (.atLeast(.nan), .undecided),
    ]
    for (region, position) in cases {
      #expect(estimate.position(in: region) == position, "\(region)")
    }
  }

  @Test func `a higher level is wider`() {
    let seeds = rates([10, 20, 15, 30, 22], of: 50)
    let narrow = Estimate.rate(overSeeds: seeds, level: 0.9)
    let wide = Estimate.rate(overSeeds: seeds, level: 0.99)
    #expect(wide.lower < narrow.lower && wide.upper > narrow.upper)
    #expect(narrow.level == 0.9)
  }
}
