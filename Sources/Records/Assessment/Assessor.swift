import Determinism
import Statistics
import Studies

/// Judges predictions over recorded runs. Pure: the same records give the same assessments.
///
/// A claim is supported if the whole 95% interval of every condition satisfies it, refuted if none of some
/// condition's does, else inconclusive. An interval without width never supports. While a confirmatory run
/// or a value is missing it is not tested: looking early would be choosing when to stop.
package struct Assessor: Sendable {
  /// Completed ones.
  private let runs: [RunRecord]
  private let studies: [Digest: StudyRecord]
  private let stage: @Sendable (Digest) -> StageRecord?

  package init(
    runs: [RunRecord], studies: [Digest: StudyRecord],
    stage: @escaping @Sendable (Digest) -> StageRecord?
  ) {
    self.runs = runs
    self.studies = studies
    self.stage = stage
  }

  package init(_ snapshot: Snapshot) {
    let stages = snapshot.stages
    self.init(
      runs: snapshot.runs.filter { snapshot.states[$0.id] == .completed },
      studies: snapshot.studies, stage: { stages[$0] })
  }

  /// The same assessor with some stage results replaced, by stage key: those of a rerun.
  package func replacing(_ stages: [Digest: StageRecord]) -> Assessor {
    let recorded = stage
    return Assessor(runs: runs, studies: studies, stage: { stages[$0] ?? recorded($0) })
  }

  // MARK: Judging

  /// One assessment for each prediction of the study, in its order.
  ///
  /// - Parameter phase: `.development` judges the development seeds instead, for a look that counts for
  ///   nothing; its notes say so.
  /// - Throws: `StudyProblems` when the record is not a study's.
  package func assess(_ record: StudyRecord, phase: SeedPhase = .confirmatory) throws
    -> [AssessmentRecord]
  {
    let study = try Study(json: record.study, slug: record.slug)
    return study.predictions.map { assess($0, of: study, record, phase: phase) }
  }

  private func assess(
    _ prediction: Prediction, of study: Study, _ record: StudyRecord, phase: SeedPhase
  ) -> AssessmentRecord {
    let seeds = study.seeds[phase].sorted()
    let judged: Judgement
    do throws(Untested) {
      guard study.pointCount != nil else { throw Untested("the study has too many points") }
      let layout = PredictionLayout(prediction, points: study.points)
      let here = runs.filter {
        $0.slug == record.slug && $0.run.phase == phase
          && asksTheSame(studies[$0.studyDigest], as: record)
      }
      judged = try judge(
        prediction, layout,
        try seeds.map { (seed) throws(Untested) in
          try seedRuns(prediction, layout, seed, here.filter { $0.run.seed == seed }, phase)
        })
    } catch {
      judged = .untested(error.reason)
    }
    let exploratory = phase == .development ? "development seeds: exploratory" : ""
    return judged.record(
      slug: record.slug, studyDigest: record.digest, predictionID: prediction.id,
      prediction: prediction.document, prefix: exploratory)
  }

  /// The recorded assessment made again over its own runs, with what this assessor holds of their stages.
  package func repeated(_ assessment: AssessmentRecord) throws -> AssessmentRecord {
    let judged: Judgement
    let prediction = try Prediction(document: assessment.prediction)
    do throws(Untested) {
      let (layout, seeds) = try runs(of: assessment, prediction)
      judged = try judge(prediction, layout, seeds)
    } catch {
      judged = .untested(error.reason)
    }
    return judged.record(
      slug: assessment.slug, studyDigest: assessment.studyDigest,
      predictionID: assessment.predictionID, prediction: assessment.prediction, prefix: "")
  }

  /// Whether every assessment keeps its result with the replaced values.
  package func keepsConclusions(of assessments: [AssessmentRecord]) throws -> Bool {
    try assessments.allSatisfy { try repeated($0).result == $0.result }
  }

  /// The runs of a recorded assessment in their places.
  func runs(
    of assessment: AssessmentRecord, _ prediction: Prediction
  ) throws(Untested) -> (PredictionLayout, [SeedRuns]) {
    var found: [RunRecord] = []
    for id in assessment.runs {
      guard let run = runs.first(where: { $0.id == id }) else {
        throw Untested("run \(id.short) is not here")
      }
      found.append(run)
    }
    // Recorded level by level, so that levels first appear in their order.
    let layout = PredictionLayout(
      prediction, points: found.filter { $0.run.arm == prediction.arm }.map(\.run.point))
    var seeds: [SeedRuns] = []
    for seed in Set(found.map(\.run.seed)).sorted() {
      seeds.append(
        try seedRuns(prediction, layout, seed, found.filter { $0.run.seed == seed }, nil))
    }
    return (layout, seeds)
  }

  // MARK: Runs

  /// The runs that a prediction speaks of, for one seed.
  ///
  /// - Parameter candidates: of the seed.
  private func seedRuns(
    _ prediction: Prediction, _ layout: PredictionLayout, _ seed: UInt64,
    _ candidates: [RunRecord], _ phase: SeedPhase?
  ) throws(Untested) -> SeedRuns {
    func run(_ arm: String, _ point: JSON.Object, _ level: Int) throws(Untested) -> RunRecord {
      let key = point.pointKey
      // Repetitions have equal values; the first counts, whichever registry it came from.
      let found = candidates.filter {
        $0.run.arm == arm && $0.run.point.pointKey == key
      }.min { ($0.ordinal, $0.origin) < ($1.ordinal, $1.origin) }
      if let found { return found }
      let place = Swift.zip(prediction.over, layout.levels[level]).map {
        ", \($0) \($1.string ?? $1.canonicalText)"
      }.joined()
      let completed = phase.map { "completed \($0.rawValue) " } ?? ""
      throw Untested("no \(completed)run of \(arm), seed \(seed)\(place)")
    }
    guard !layout.cells.isEmpty else {
      throw Untested("'where' selects no run of \(prediction.arm)")
    }
    guard layout.cells.count == 1 || !prediction.over.isEmpty else {
      throw Untested("'where' selects more than one run of \(prediction.arm), seed \(seed)")
    }
    return SeedRuns(
      seed: seed,
      cells: try layout.cells.map { (cell) throws(Untested) in
        SeedCell(
          level: cell.level, run: try run(prediction.arm, cell.point, cell.level),
          versus: try prediction.comparands(ofPoint: cell.point).map { (other) throws(Untested) in
            try run(other.arm, other.point, cell.level)
          })
      })
  }

  /// Whether runs made from one version of the study file are runs of the other: seeds, predictions and
  /// prose may differ, what is trained and measured may not.
  private func asksTheSame(_ earlier: StudyRecord?, as record: StudyRecord) -> Bool {
    guard let earlier else { return false }
    if earlier.digest == record.digest { return true }
    return ["organism", "model", "stages", "backend"].allSatisfy {
      earlier.study[$0] == record.study[$0]
    }
  }

  // MARK: Values

  func values(of run: RunRecord) -> ClaimValues {
    var keys: [String: Digest] = [:]
    for stage in run.run.stages { keys[stage.name] = stage.key }
    let (names, stage) = (keys, stage)
    return ClaimValues(
      scalar: { name, key in names[name].flatMap(stage)?.scalars[key] },
      series: { name, key in names[name].flatMap(stage)?.series[key] })
  }

  private func judge(
    _ prediction: Prediction, _ layout: PredictionLayout, _ seeds: [SeedRuns]
  ) throws(Untested) -> Judgement {
    guard !seeds.isEmpty else { throw Untested("the study names no such seeds") }
    var judged: [(estimate: Estimate, statistic: SeedStatistic, comparison: Comparison)] = []
    for condition in prediction.claim.conditions {
      let statistic = try statistic(of: condition, layout, seeds)
      judged.append((statistic.estimate(), statistic, condition.comparison))
    }
    let positions = judged.map { $0.estimate.position(in: $0.comparison.region) }
    let result: ClaimResult =
      positions.contains(.outside)
      ? .refuted : positions.allSatisfy { $0 == .inside } ? .supported : .inconclusive
    let flat = judged.contains { $0.estimate.lower == $0.estimate.upper }
    var names: [String] = []
    for (_, statistic, _) in judged where !names.contains(statistic.name) {
      names.append(statistic.name)
    }
    var notes = judged.map(\.statistic.note)
    if flat, result == .inconclusive {
      notes.append("every seed has the same value: an interval without width supports nothing")
    }
    return Judgement(
      runs: seeds.flatMap { seed in
        seed.cells.flatMap { [$0.run.id] + $0.versus.map(\.id) }
      },
      statistic: names.joined(separator: " "), estimates: judged.map(\.estimate),
      seeds: seeds.map(\.seed), perSeed: judged[0].statistic.numbers, result: result,
      note: notes.filter { !$0.isEmpty }.joined(separator: "; "))
  }

  func statistic(
    of condition: Condition, _ layout: PredictionLayout, _ seeds: [SeedRuns]
  ) throws(Untested) -> SeedStatistic {
    // [seed][cell]
    var all: [[(own: RunStatistic, versus: [RunStatistic])]] = []
    for seed in seeds {
      do throws(ClaimGap) {
        all.append(
          try seed.cells.map { (cell) throws(ClaimGap) in
            (
              own: try condition.perRun(self.values(of: cell.run)),
              versus: try cell.versus.map { (run) throws(ClaimGap) in
                try condition.perRun(self.values(of: run))
              }
            )
          })
      } catch {
        throw Untested("seed \(seed.seed): \(error)")
      }
    }
    try checkHorizons(all.joined().flatMap { [$0.own] + $0.versus })
    let values: [[SeedStatistic.Compared]] = all.map { cells in
      cells.map { ($0.own, condition.comparison.hardest(of: $0.versus)) }
    }
    try checkPrompts(condition, seeds)
    guard let statistic = condition.levelStatistic else {
      guard layout.cells.count == 1 else {
        throw Untested("'\(condition.text)' says nothing of the levels")
      }
      return SeedStatistic(condition, values.map { $0[0] })
    }
    let tables = values.map { cells in
      layout.levels.indices.map { level in
        Swift.zip(cells, layout.cells).filter { $1.level == level }.map(\.0)
      }
    }
    let found = SeedStatistic(
      statistic, condition, places: try places(of: layout, for: statistic), seeds: tables)
    for (seed, number) in Swift.zip(seeds, found.numbers) where !number.isFinite {
      throw Untested("seed \(seed.seed): \(statistic.rawValue)(…) is undefined: no variance")
    }
    return found
  }

  /// Ranks of levels, or their logarithms.
  private func places(
    of layout: PredictionLayout, for statistic: LevelStatistic
  ) throws(Untested) -> [Double] {
    guard layout.levels.count >= 2 else { throw Untested("there are not two levels") }
    guard statistic != .across || layout.levels.count >= Estimate.fewestDraws else {
      throw Untested("\(layout.levels.count) draws; at least \(Estimate.fewestDraws) are needed")
    }
    guard statistic == .eta2 || layout.cellsPerLevel.allSatisfy({ $0 == 1 }) else {
      throw Untested("'where' selects more than one run at a level")
    }
    guard statistic == .logSlope else { return layout.levels.indices.map(Double.init) }
    return try layout.levels.map { (level) throws(Untested) in
      guard let number = level[0].double, number > 0 else {
        throw Untested("a level is not a positive number")
      }
      return Elementary.log(number)
    }
  }

  /// Rates of few prompts differ too much by chance to be called equal.
  private func checkPrompts(_ condition: Condition, _ seeds: [SeedRuns]) throws(Untested) {
    let isCompared = seeds.contains { $0.cells.contains { !$0.versus.isEmpty } }
    guard condition.claimsEquivalence(isCompared: isCompared) else { return }
    for seed in seeds {
      for run in seed.cells.flatMap({ [$0.run] + $0.versus }) {
        let values = values(of: run)
        for reference in condition.ofRun.references
        where values.scalar(reference.stage, reference.key + ".count") != nil {
          let n = values.scalar(reference.stage, reference.key + ".n") ?? 0
          guard n < Double(Condition.promptsForEquivalence) else { continue }
          throw Untested(
            "seed \(seed.seed): \(reference.stage):\(reference.key) has \(Int(exactly: n) ?? 0) prompts; "
              + "that rates are equal takes \(Condition.promptsForEquivalence)")
        }
      }
    }
  }

  /// Restricted times mean the same only up to the same step.
  private func checkHorizons(_ statistics: [RunStatistic]) throws(Untested) {
    var horizons: Set<Double> = []
    for statistic in statistics {
      if case .time(_, let horizon) = statistic { horizons.insert(horizon) }
    }
    guard horizons.count > 1 else { return }
    let steps = horizons.sorted().map { SeedStatistic.rounded($0) }.joined(separator: ", ")
    throw Untested("the last evaluations differ (steps \(steps)): times need one horizon")
  }
}

/// The runs of one seed that a prediction speaks of.
struct SeedRuns {
  let seed: UInt64
  /// As in the prediction's layout.
  let cells: [SeedCell]
}

/// One run, and those it is compared with.
struct SeedCell {
  let level: Int
  let run: RunRecord
  let versus: [RunRecord]
}

extension Comparison {
  /// What a claim of this form has the least to gain from: the greatest where it says more, the least where it
  /// says less. Taken seed by seed, so that no choice between them was made after the fact.
  func hardest(of statistics: [RunStatistic]) -> RunStatistic? {
    switch self {
    case .atLeast, .above: statistics.max { $0.number < $1.number }
    case .atMost, .below, .within: statistics.min { $0.number < $1.number }
    }
  }
}

/// Why a prediction cannot be judged yet.
struct Untested: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// What judging a prediction gives, before it is a record.
private struct Judgement {
  var runs: [Digest] = []
  var statistic = "none"
  var estimates: [Estimate] = []
  var seeds: [UInt64] = []
  var perSeed: [Double] = []
  var result = ClaimResult.notTested
  var note = ""

  static func untested(_ reason: String) -> Judgement { Judgement(note: reason) }

  func record(
    slug: String, studyDigest: Digest, predictionID: String, prediction: JSON, prefix: String
  ) -> AssessmentRecord {
    AssessmentRecord(
      slug: slug, studyDigest: studyDigest, predictionID: predictionID, prediction: prediction,
      runs: runs, statistic: statistic, estimates: estimates, seeds: seeds, perSeed: perSeed,
      result: result, note: [prefix, note].filter { !$0.isEmpty }.joined(separator: "; "))
  }
}
