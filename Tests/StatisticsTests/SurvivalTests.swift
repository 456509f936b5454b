import Determinism
import Statistics
import Testing

@Suite struct SurvivalTests {
  static func times(_ golden: JSON) -> [TimeToEvent] {
    zip(golden["times"]!.doubles, golden["seen"]!.string!.utf8).map {
      TimeToEvent(time: $0, isObserved: $1 == UInt8(ascii: "1"))
    }
  }

  private static func removed(_ times: Double...) -> [TimeToEvent] {
    times.map { TimeToEvent(time: $0, isObserved: true) }
  }

  @Test func `Kaplan and Meier's curve equals lifelines', its variance statsmodels'`() throws {
    let cases = try Golden.document("survival-and-ranks")["survival"]!.array!
    #expect(cases.count == 7)
    for golden in cases {
      let curve = try KaplanMeier(Self.times(golden))
      #expect(curve.steps.map(\.time) == golden["events"]!.doubles)
      for (step, value) in zip(curve.steps, golden["survival"]!.doubles) {
        #expect((step.survival - value).magnitude < 1e-12)
      }
      if let variances = golden["variance"]?.doubles {
        #expect(variances.count == curve.steps.count)
        for (step, value) in zip(curve.steps, variances) {
          #expect((step.variance - value).magnitude < 1e-12, "\(step)")
        }
      }
      let median = golden["median"]!.doubles[0]
      #expect(median == .infinity ? curve.median == nil : curve.median == median)
      let mean = try curve.restrictedMean(to: golden["horizon"]!.doubles[0])
      #expect((mean.value - golden["mean"]!.doubles[0]).magnitude < 1e-9)
      let variance = golden["meanVariance"]!.doubles[0]
      #expect((mean.variance - variance).magnitude <= 1e-9 * max(1, variance))
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `without censoring a restricted mean is the mean, its variance that of a mean`(
    seed: UInt64
  ) throws {
    var stream = RandomStream(seed: seed, "survival/mean")
    let times = (0..<12).map { _ in Double(20 * (1 + stream.below(9))) }
    let mean = try KaplanMeier(times.map { TimeToEvent(time: $0, isObserved: true) })
      .restrictedMean(to: 100)
    let cut = Summary(times.map { min($0, 100) })
    #expect((mean.value - cut.mean).magnitude < 1e-9, "seed \(seed)")
    #expect((mean.variance - cut.squares / 144).magnitude < 1e-9, "seed \(seed)")
  }

  @Test func `degenerate times have their documented answers`() throws {
    #expect(throws: StatisticsError.tooFew(needed: 1, given: 0)) { try KaplanMeier([]) }
    let censored = try KaplanMeier([TimeToEvent(time: 10, isObserved: false)])
    #expect(censored.steps.isEmpty && censored.median == nil && censored.survival(at: 99) == 1)
    #expect(try censored.restrictedMean(to: 10).value == 10)
    #expect(try censored.restrictedMean(to: 10).variance == 0)
    #expect(throws: StatisticsError.self) { try censored.restrictedMean(to: 11) }
    let one = try KaplanMeier(Self.removed(10))
    #expect(one.steps.map(\.survival) == [0] && one.steps.map(\.variance) == [0])
    #expect(try one.restrictedMean(to: 50).value == 10)
    let equal = try KaplanMeier(Self.removed(10, 10, 10))
    #expect(equal.survival(at: 9.9) == 1 && equal.survival(at: 10) == 0)
  }

  @Test func `two restricted means differ with a normal interval`() throws {
    let left = try KaplanMeier(Self.removed(60, 80, 100, 100)).restrictedMean(to: 100)
    let right = try KaplanMeier(Self.removed(20, 40, 40, 80)).restrictedMean(to: 100)
    let difference = RestrictedMean.difference(left, right)
    #expect((difference.value - 40).magnitude < 1e-9)
    let reach = 1.959963984540054 * (left.variance + right.variance).squareRoot()
    #expect((difference.upper - 40 - reach).magnitude < 1e-9)
    #expect(difference.n == 8)
  }

  @Test func `the log-rank test equals lifelines', paired its definition over all swaps`() throws {
    let cases = try Golden.document("survival-and-ranks")["logRank"]!.array!
    #expect(cases.count == 4)
    for golden in cases {
      let (first, second) = (Self.times(golden["first"]!), Self.times(golden["second"]!))
      let test = try LogRank(first, second)
      #expect((test.statistic - golden["statistic"]!.doubles[0]).magnitude < 1e-9)
      #expect((test.p - golden["p"]!.doubles[0]).magnitude < 1e-10)
      let paired = try LogRank.paired(Array(zip(first, second)))
      #expect(paired.isExact == (first.count <= 16))
      if let p = golden["paired"]?.doubles[0] { #expect(paired.p == p) }
    }
  }

  @Test func `groups that cannot be told apart have p 1`() throws {
    let never = [TimeToEvent](repeating: TimeToEvent(time: 240, isObserved: false), count: 5)
    #expect(try LogRank(never, never).statistic == 0)
    #expect(try LogRank(never, never).p == 1)
    #expect(try LogRank.paired(Array(zip(never, never))).p == 1)
    #expect(throws: StatisticsError.self) { try LogRank(never, []) }
    #expect(throws: StatisticsError.self) { try LogRank.paired([]) }
    // All of one group goes before any of the other: as unlikely as it gets.
    let early = Self.removed(20, 40, 60, 80, 100)
    #expect(try LogRank.paired(Array(zip(early, never))).p == 2.0 / 32)
  }
}
