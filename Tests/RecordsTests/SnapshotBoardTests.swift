import Determinism
import Statistics
import Studies
import Testing

@testable import Records

/// What is read of a whole registry: one family of primary predictions, curves of removal.
@Suite struct SnapshotBoardTests {
  private func snapshot(_ world: World, _ assessments: [AssessmentRecord]) -> Snapshot {
    Snapshot(
      studies: world.studies, runs: world.runs,
      states: Dictionary(uniqueKeysWithValues: world.runs.map { ($0.id, .completed) }),
      stages: world.stages, freezes: [], assessments: assessments, reruns: [], chains: [],
      head: Digest(of: "head"), artifact: { _ in [] })
  }

  private func renamed(_ assessment: AssessmentRecord, to slug: String) -> AssessmentRecord {
    AssessmentRecord(
      slug: slug, studyDigest: assessment.studyDigest, predictionID: assessment.predictionID,
      prediction: assessment.prediction, runs: assessment.runs, statistic: assessment.statistic,
      estimates: assessment.estimates, seeds: assessment.seeds, perSeed: assessment.perSeed,
      result: assessment.result, note: assessment.note)
  }

  @Test func `primary predictions of all studies are one family`() throws {
    var world = try World("evaluate:x >= 0.5", "evaluate:x >= 0.96")
    world.addAll { ["x": 0.97 + 0.01 * Double($0)] }
    let own = try world.assess()
    let earlier = AssessmentRecord(
      slug: "other", studyDigest: own[0].studyDigest, predictionID: "p0",
      prediction: Prediction(
        id: "p0", primary: true, statement: "earlier", claim: try Claim(parsing: "evaluate:x >= 0")
      ).document, runs: own[0].runs, statistic: "", estimates: [], seeds: [], perSeed: [],
      result: .supported, note: "")
    let others = [earlier] + own.map { renamed($0, to: "other") }
    let all = snapshot(world, own + others)
    let family = all.primaryAssessments(besides: "toy-study")
    #expect(family.count == 2, "without the earlier wording")
    #expect(all.primaryAssessments(besides: "other").map(\.slug) == ["toy-study", "toy-study"])
    let alone = try world.assessor.significance(of: own)
    let together = try world.assessor.significance(of: own, among: family)
    #expect(alone[0].adjusted == min(1, 2 * alone[0].p))
    #expect(together[0].adjusted == min(1, 4 * alone[0].p))
    #expect(together[0].method == "Holm, 4 primary predictions of the registry")
    #expect(together[0].p == alone[0].p)
  }

  @Test func `what a claim could have found is told from its seeds`() throws {
    var world = try World(
      "evaluate:x >= 0.5", "passes(evaluate:x >= 1) >= 0.65", "evaluate:x in [0, 2]",
      "evaluate:y <= 3")
    world.addAll { ["x": 0.97 + 0.01 * Double($0), "y": 1] }
    let found = try world.assessor.significance(of: try world.assess())
    let deviation = 0.01 * (6.0).squareRoot()
    guard case .beyondBound(let effect) = try #require(found[0].detectable) else {
      Issue.record("no effect")
      return
    }
    #expect((effect / (deviation * minimumDetectableEffect(pairs: 8)) - 1).magnitude < 1e-9)
    #expect(found[1].detectable == nil, "eight of eight bound a share by .63 only")
    #expect(found[2].detectable == nil && found[3].detectable == nil)
  }

  @Test func `runs give the curve of their removals`() throws {
    func series(_ values: [Double]) -> Series {
      var series = Series()
      for (index, value) in values.enumerated() { series.append(value, at: 40 * index) }
      return series
    }
    var world = try World("evaluate:x >= 0")
    let all = [[0.9, 0.1, 0.1, 0.1], [0.9, 0.9, 0.1, 0.1], [0.2, 0.2, 0.2, 0.9], [0.1, 0.1]]
    for (seed, values) in zip(world.confirmatory, all) {
      world.add(seed: seed, scalars: [:], series: ["r1": series(values)])
    }
    let snapshot = snapshot(world, [])
    let removals = snapshot.removals(stage: "evaluate", key: "r1", in: world.runs).map(\.removal)
    #expect(
      removals == [
        TimeToEvent(time: 40, isObserved: true), TimeToEvent(time: 120, isObserved: false),
        TimeToEvent(time: 0, isObserved: true),
      ])
    let curve = try snapshot.removalCurve(stage: "evaluate", key: "r1", in: world.runs)
    #expect(curve.steps.map(\.time) == [0, 40])
    #expect((curve.survival(at: 120) - 1.0 / 3).magnitude < 1e-12)
    #expect(throws: StatisticsError.self) {
      try snapshot.removalCurve(stage: "evaluate", key: "r0", in: world.runs)
    }
  }
}
