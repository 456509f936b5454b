import Determinism
import Statistics
import Studies
import Testing

@Suite struct `Claims` {
  /// Values of a run in the shape of the real ones.
  static let values = ClaimValues(
    scalar: { stage, key in
      [
        "evaluate-before:r1": 0.98, "evaluate-before:r1.count": 294, "evaluate-before:r1.n": 300,
        "evaluate-before:r0": 0.01, "evaluate-after:r1": 0.49, "evaluate-after:margin.triggered": 3,
        "evaluate-before:margin.triggered": 4, "probe:danger/decision/L3/swap/dprime": 2.5,
        "probe:harmless-trait/decision/L3/swap/dprime": -0.5, "a:zero": 0, "a:nan": .nan,
        "a:neg": -2,
        "a:half.count": 1.5, "a:half.n": 3, "a:half": 0.5, "a:none": 0, "a:none.count": 0,
        "a:none.n": 0,
      ][stage + ":" + key]
    },
    series: { stage, key in
      var series = Series()
      guard stage == "safety" else { return nil }
      let recorded: [String: [Double]] = [
        "r1": [0.9, 0.6, 0.3], "empty": [], "dips": [0.9, 0.4, 0.4, 0.6, 0.4, 0.4, 0.49, 0.9],
        "stays": [0.9, 0.3, 0.5, 0.3, 0.3], "gone": [0.1, 0.2, 0.3], "short": [0, 0],
      ]
      guard let values = recorded[key] else { return nil }
      for (step, value) in values.enumerated() {
        series.append(value, at: key == "r1" ? step : 40 * step)
      }
      return series
    })

  private func number(_ text: String) throws -> Double {
    try Claim(parsing: text).conditions[0].perRun(Self.values).number
  }

  static let expressions: [(String, Double)] = [
    ("evaluate-after:r1 >= 0.5", 0.49), ("persistence.final >= 0.9", 0.49 / 0.98),
    ("persistence.mean >= 0.9", (0.9 + 0.6 + 0.3) / 3 / 0.98), ("margin.change < 1", 0.75),
    ("last(safety:r1) > 0", 0.3), ("mean( safety:r1 ) > 0", (0.9 + 0.6 + 0.3) / 3),
    ("probe:danger/decision/L3/swap/dprime - probe:harmless-trait/decision/L3/swap/dprime > 0", 3),
    ("abs(a:neg) > 0", 2), ("- a:neg > 0", 2), ("2 - 3 - 4 > 0", -5), ("2 + 3 * 4 > 0", 14),
    ("( 2 + 3 ) * 4 > 0", 20), ("(2 + 3) * (4 - 1) / 5 > 0", 3), ("12 / 3 / 2 > 0", 2),
    ("removal-time(safety:dips) > 0", 160), ("removal-time( safety:stays ) > 0", 160),
    ("removal-time(safety:gone) + 1 > 0", 1),
    ("max(a:neg, 2 * a:neg, -3) > 0", -2), ("min( a:neg , 2 ) + max(1, 2) > 0", 0),
    ("trend(a:neg * 2) > 0", -4), ("eta2( evaluate-after:r1 ) > 0", 0.49),
    ("abs( a:neg * -1.5e1 ) in [ -1 , 5e2 ]", 30), ("2 * - 3 > 0", -6),
  ]

  @Test(arguments: Claims.expressions) func `expressions are computed as they are read`(
    text: String, value: Double
  ) throws {
    #expect(try number(text).bitPattern == value.bitPattern)
  }

  @Test func `comparisons bound what they say`() throws {
    let claim = try Claim(
      parsing: "a:x >= 1 and a:x <= 2 and a:x > 1 and a:x < 2 and a:x in [1, 2]")
    #expect(
      claim.conditions.map(\.comparison)
        == [.atLeast(1), .atMost(2), .above(1), .below(2), .within(1...2)])
    #expect(
      claim.conditions.map(\.text) == [
        "a:x >= 1", "a:x <= 2", "a:x > 1", "a:x < 2", "a:x in [1, 2]",
      ])
    #expect(claim.references == [ClaimReference(stage: "a", key: "x")])
    for (value, holds) in [
      (1.0, [true, true, false, true, true]), (1.5, [true, true, true, true, true]),
      (2, [true, true, true, false, true]), (2.5, [true, false, true, false, false]),
      (.nan, [false, false, false, false, false]),
    ] {
      #expect(claim.conditions.map { $0.comparison.holds(value) } == holds, "\(value)")
    }
  }

  static let intervals: [(Comparison, ClosedRange<Double>, Bool, Bool)] = [
    (.atLeast(1), 1.0...2.0, true, false), (.atLeast(1), 0.5...2, false, false),
    (.atLeast(1), 0...0.9, false, true), (.above(1), 1...2, false, false),
    (.above(1), 0...1, false, true),
    (.atMost(1), 0...1, true, false), (.below(1), 0...1, false, false),
    (.below(1), 1...2, false, true),
    (.within(0...1), 0...1, true, false), (.within(0...1), 0.5...1.5, false, false),
    (.within(0...1), -1...2, false, false), (.within(0...1), 1.5...2, false, true),
  ]

  @Test(arguments: Claims.intervals) func `intervals satisfy wholly, not at all, or neither`(
    comparison: Comparison, interval: ClosedRange<Double>, all: Bool, none: Bool
  ) {
    #expect(comparison.holds(forAllOf: interval) == all)
    #expect(comparison.holds(forNoneOf: interval) == none)
  }

  @Test func `a bare rate keeps its counts, an expression does not`() throws {
    func statistic(_ text: String) throws -> RunStatistic {
      try Claim(parsing: text).conditions[0].perRun(Self.values)
    }
    #expect(
      try statistic("evaluate-before:r1 >= 0.9") == .rate(Proportion(successes: 294, trials: 300)))
    #expect(
      try statistic("(evaluate-before:r1) >= 0.9") == .rate(Proportion(successes: 294, trials: 300))
    )
    #expect(try statistic("evaluate-before:r1 * 1 >= 0.9") == .number(0.98))
    #expect(try statistic("evaluate-before:r0 <= 0.9") == .number(0.01))
    #expect(try statistic("a:half >= 0.9") == .number(0.5), "half a count is no count")
    #expect(try statistic("a:none >= 0.9") == .number(0), "no trials, no rate")
  }

  @Test func `a bare removal time knows its horizon, a statistic over levels what it is of`() throws
  {
    func condition(_ text: String) throws -> Condition { try Claim(parsing: text).conditions[0] }
    let time = try condition("removal-time(safety:stays) >= 100")
    #expect(try time.perRun(Self.values) == .time(160, horizon: 160))
    #expect(time.levelStatistic == nil)
    let trend = try condition("log-slope(evaluate-before:r1) > 0")
    #expect(trend.levelStatistic == .logSlope)
    #expect(try trend.perRun(Self.values) == .rate(Proportion(successes: 294, trials: 300)))
    #expect(
      try Claim(parsing: "spread(max(a:x, b:y) - removal-time(c:z)) > 0").references
        == [("a", "x"), ("b", "y"), ("c", "z")].map { ClaimReference(stage: $0, key: $1) })
  }

  @Test func `passes is whether all inner conditions hold`() throws {
    func statistic(_ text: String) throws -> RunStatistic {
      let claim = try Claim(parsing: text)
      #expect(claim.conditions[0].isShare)
      return try claim.conditions[0].perRun(Self.values)
    }
    #expect(
      try statistic("passes(evaluate-before:r1 >= 0.95 and evaluate-before:r0 <= 0.02) >= 0.8")
        == .passed(true))
    #expect(try statistic("passes( evaluate-before:r1 >= 0.99 ) >= 0.8") == .passed(false))
    #expect(
      try statistic("passes(evaluate-before:r1 in [0.9, 1] and abs(a:neg) > 3) >= 0.8")
        == .passed(false))
    // A missing value is a gap even where another condition fails already.
    #expect(throws: ClaimGap.missing(ClaimReference(stage: "a", key: "gone"))) {
      try statistic("passes(evaluate-before:r1 >= 0.99 and a:gone > 1) >= 0.8")
    }
  }

  @Test func `what has no number is a gap that says why`() throws {
    func gap(_ text: String) throws -> String? {
      do {
        _ = try number(text)
        return nil
      } catch let gap as ClaimGap { return gap.description }
    }
    #expect(try gap("evaluate-after:r9 > 0") == "evaluate-after:r9 was not recorded")
    #expect(try gap("mean(safety:loss) > 0") == "safety:loss was not recorded")
    #expect(try gap("last(safety:empty) > 0") == "safety:empty has no steps")
    #expect(
      try gap("removal-time(safety:short) > 0")
        == "safety:short was looked at 2 times; a removal takes 3")
    #expect(try gap("removal-time(safety:r9) > 0") == "safety:r9 was not recorded")
    #expect(
      try gap("max(a:zero, a:nan) > 0") == "'max(a:zero, a:nan) > 0' is not a finite number here")
    #expect(try gap("a:nan > 0") == "'a:nan > 0' is not a finite number here")
    #expect(try gap("1 / a:zero > 0") == "'1 / a:zero > 0' is not a finite number here")
  }

  @Test(arguments: [
    ("", 0, "expected a value, the claim ends"),
    ("evaluate:r1", 11, "expected a comparison (>=, <=, >, <, in), the claim ends"),
    ("evaluate:r1 >=", 14, "expected a number, the claim ends"),
    ("evaluate:r1 >= x", 15, "expected a number, found 'x'"),
    ("evaluate:r1>=0.5", 16, "expected a comparison (>=, <=, >, <, in), the claim ends"),
    ("r1 >= 0.5", 0, "unknown name 'r1'"),
    (
      "persistance.final >= 1", 0,
      "unknown name 'persistance.final'; did you mean 'persistence.final'?"
    ),
    ("a:x >= 1 or a:y >= 1", 9, "expected 'and' or the end of the claim, found 'or'"),
    ("a:x in [2, 1]", 4, "the interval is empty"), ("a:x in [1 2]", 10, "expected ',', found '2'"),
    ("( a:x > 1", 6, "expected ')', found '>'"),
    ("median(a:x) > 1", 0, "unknown function 'median'; did you mean 'mean'?"),
    ("maen(a:x) > 1", 0, "unknown function 'maen'; did you mean 'mean'?"),
    ("mean(2) > 1", 5, "unknown name '2'"),
    ("1 + passes(a:x > 1) > 0", 4, "passes(…) stands alone before its comparison"),
    ("passes(passes(a:x > 1) > 1) > 0", 7, "passes(…) does not stand inside passes(…)"),
    ("passes(trend(a:x) > 0) > 0", 7, "trend(…) does not stand inside passes(…)"),
    ("1 + spread(a:x) > 0", 4, "spread(…) stands alone before its comparison"),
    ("trend(spread(a:x)) > 0", 6, "spread(…) stands alone before its comparison"),
    ("tredn(a:x) > 0", 0, "unknown function 'tredn'; did you mean 'trend'?"),
    ("max(a:x) > 0", 7, "expected ',', found ')'"),
    ("removal-time(2) > 0", 13, "unknown name '2'"),
    ("a:x > 1 and", 11, "expected a value, the claim ends"),
    ("a:x >= .nan", 7, "expected a number, found '.nan'"),
    ("a:x == 1", 4, "expected a comparison (>=, <=, >, <, in), found '=='"),
    (":x > 1", 0, "unknown name ':x'"), ("a: > 1", 0, "unknown name 'a:'"),
    ("é:x a:y", 4, "expected a comparison (>=, <=, >, <, in), found 'a:y'"),
  ]) func `what does not fit the grammar is located`(text: String, offset: Int, message: String) {
    let problem = #expect(throws: ClaimProblem.self) { try Claim(parsing: text) }
    #expect(problem?.message == message)
    #expect(problem?.offset == offset)
  }

  @Test func `deep and long claims are refused, not followed`() {
    for text in [
      String(repeating: "(", count: 1000) + "a:x", String(repeating: "- ", count: 1000) + "a:x > 0",
      String(repeating: "abs(", count: 500) + "a:x", String(repeating: "a:x > 0 and ", count: 400),
    ] {
      #expect(throws: ClaimProblem.self) { try Claim(parsing: text) }
    }
    #expect(throws: Never.self) {
      try Claim(parsing: "a:x" + String(repeating: " + a:x", count: 600) + " > 0")
    }
  }

  /// Any text is read or refused; never a crash.
  @Test(arguments: 0..<20 as Range<UInt64>) func `words in any order are read or refused`(
    seed: UInt64
  ) {
    var stream = RandomStream(seed: seed, "claims")
    let words = [
      "a:x", "(", ")", "abs(", "mean(", "trend(", "max(", "removal-time(", "passes(", "and", ">=",
      "<", "in", "[", "]", ",", "1", "-",
      "+", "*", "/",
      "2.5", "persistence.final", "\u{301}", "\"",
    ]
    for _ in 0..<200 {
      let text = (0..<stream.below(14)).map { _ in stream.element(of: words) }.joined(
        separator: " ")
      if let claim = try? Claim(parsing: text) {
        // What is read reads the same again.
        #expect((try? Claim(parsing: claim.text)) == claim, "seed \(seed): \(text)")
      }
    }
  }
}
