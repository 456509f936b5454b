import Determinism
import Records
import Statistics
import Studies

/// A run with everything that the snapshot holds about it.
struct RunView: Sendable {
  struct Stage: Sendable {
    let name: String
    let key: Digest
    /// nil while it has not been performed.
    let record: StageRecord?
  }

  let record: RunRecord
  let id: Digest
  let state: RunState
  /// Why it failed or stopped, as its owner said; empty for a completed run.
  let note: String
  let stages: [Stage]
  /// Oldest first.
  let reruns: [RerunRecord]
  /// What people said of it afterwards, oldest first.
  let annotations: [AnnotationRecord]

  /// False where the site leaves pages of runs out: ``RunPages``.
  var hasPage = true

  var path: String { RunView.path(of: id) }
  var folder: String { String(path.dropLast("/index.html".count)) }

  /// Sixteen digits name a run for ever: a collision among a million runs has a chance of 10⁻⁸.
  static func path(of id: Digest) -> String {
    "runs/" + String(decoding: id.hex.utf8.prefix(16), as: UTF8.self) + "/index.html"
  }

  var arm: String { record.run.arm }
  var seed: UInt64 { record.run.seed }
  var phase: SeedPhase { record.run.phase }
  var isCompleted: Bool { state == .completed }
  var lastVerdict: Verdict? { reruns.last?.verdict }

  func stage(_ name: String) -> StageRecord? {
    stages.first { $0.name.utf8.elementsEqual(name.utf8) }?.record
  }

  func scalar(_ stage: String, _ key: String) -> Double? { self.stage(stage)?.scalars[key] }

  /// What claims are evaluated on.
  var values: ClaimValues {
    ClaimValues(
      scalar: { scalar($0, $1) }, series: { name, key in stage(name)?.series[key] })
  }

  /// A rate with its counts, where both are recorded.
  func rate(_ stage: String, _ key: String) -> Proportion? {
    guard let scalars = self.stage(stage)?.scalars, let count = scalars[key + ".count"],
      let trials = scalars[key + ".n"], let successes = Int(exactly: count),
      let trials = Int(exactly: trials), trials > 0, (0...trials).contains(successes)
    else { return nil }
    return Proportion(successes: successes, trials: trials)
  }

  /// Names of its stages of one kind, in their order.
  func stageNames(ofKind kind: String) -> [String] {
    stages.filter { $0.record?.step.kind.utf8.elementsEqual(kind.utf8) ?? false }.map(\.name)
  }
}
