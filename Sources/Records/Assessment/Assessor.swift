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
      judged = try judge(
        prediction,
        pairs: try seeds.map { (seed) throws(Untested) in
          SeedPair(
            seed: seed,
            run: try run(of: study, record, prediction, prediction.arm, seed, phase),
            versus: try prediction.versus.map { (arm) throws(Untested) in
              try run(of: study, record, prediction, arm, seed, phase)
            })
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
      judged = try judge(prediction, pairs: try pairs(of: assessment, prediction))
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

  func pairs(of assessment: AssessmentRecord, _ prediction: Prediction) throws(Untested)
    -> [SeedPair]
  {
    var bySeed: [UInt64: [String: RunRecord]] = [:]
    for id in assessment.runs {
      guard let run = runs.first(where: { $0.id == id }) else {
        throw Untested("run \(id.short) is not here")
      }
      bySeed[run.run.seed, default: [:]][run.run.arm] = run
    }
    return try bySeed.keys.sorted().map { (seed) throws(Untested) in
      func run(_ arm: String) throws(Untested) -> RunRecord {
        guard let run = bySeed[seed]?[arm] else { throw Untested("no run of \(arm), seed \(seed)") }
        return run
      }
      return SeedPair(
        seed: seed, run: try run(prediction.arm),
        versus: try prediction.versus.map { (arm) throws(Untested) in try run(arm) })
    }
  }

  // MARK: Runs

  /// The run that a prediction speaks of, for one arm and seed.
  private func run(
    of study: Study, _ record: StudyRecord, _ prediction: Prediction, _ arm: String,
    _ seed: UInt64, _ phase: SeedPhase
  ) throws(Untested) -> RunRecord {
    let paths = Set(study.sweep.keys).union(study.zip.flatMap(\.keys))
    let candidates = runs.filter {
      $0.slug == record.slug && $0.run.arm == arm && $0.run.seed == seed && $0.run.phase == phase
        && Set($0.run.point.keys) == paths && prediction.selects(point: $0.run.point)
        && asksTheSame(studies[$0.studyDigest], as: record)
    }
    guard let first = candidates.first else {
      throw Untested("no completed \(phase.rawValue) run of \(arm), seed \(seed)")
    }
    guard candidates.allSatisfy({ $0.run.point == first.run.point }) else {
      throw Untested("'where' selects more than one run of \(arm), seed \(seed)")
    }
    // Repetitions have equal values; the first counts, whichever registry it came from.
    return candidates.min { ($0.ordinal, $0.origin) < ($1.ordinal, $1.origin) }!
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

  private func judge(_ prediction: Prediction, pairs: [SeedPair]) throws(Untested) -> Judgement {
    guard !pairs.isEmpty else { throw Untested("the study names no such seeds") }
    var judged: [(estimate: Estimate, statistic: SeedStatistic, comparison: Comparison)] = []
    for condition in prediction.claim.conditions {
      let statistic = try statistic(of: condition, pairs)
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
    return Judgement(
      runs: pairs.flatMap { [$0.run.id] + ($0.versus.map { [$0.id] } ?? []) },
      statistic: names.joined(separator: " "), estimates: judged.map(\.estimate),
      seeds: pairs.map(\.seed), perSeed: judged[0].statistic.numbers, result: result,
      note: flat && result == .inconclusive
        ? "every seed has the same value: an interval without width supports nothing" : "")
  }

  func statistic(of condition: Condition, _ pairs: [SeedPair]) throws(Untested) -> SeedStatistic {
    var ofRuns: [(RunStatistic, RunStatistic?)] = []
    for pair in pairs {
      do throws(ClaimGap) {
        let own = try condition.perRun(values(of: pair.run))
        let versus = try pair.versus.map { (run) throws(ClaimGap) in
          try condition.perRun(values(of: run))
        }
        ofRuns.append((own, versus))
      } catch {
        throw Untested("seed \(pair.seed): \(error)")
      }
    }
    return SeedStatistic(condition, ofRuns)
  }
}

/// The runs of one seed that a prediction compares.
struct SeedPair {
  let seed: UInt64
  let run: RunRecord
  let versus: RunRecord?
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
