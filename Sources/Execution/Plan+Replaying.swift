import Determinism
import Records
import Studies

extension Plan {
  /// The plan of a recorded run, from records alone: no study file, no YAML, no catalog.
  ///
  /// - Parameters:
  ///   - study: the study document of the run's record; null when it is not at hand.
  ///   - stages: stage results by key; inputs are followed through them.
  /// - Throws: `ExecutionError.missingStage`.
  package init(
    replaying run: RunRecord, study: JSON = .null, stages: [Digest: StageRecord]
  ) throws(ExecutionError) {
    var steps: [PlannedStep] = []
    var seen: Set<Digest> = []
    func follow(_ key: Digest) throws(ExecutionError) {
      guard seen.insert(key).inserted else { return }
      // A record under another's key is as good as none.
      guard let record = stages[key], record.key == key else { throw .missingStage(key) }
      for port in record.step.inputs.keys.sorted() { try follow(record.step.inputs[port]!) }
      steps.append(record.step)
    }
    for reference in run.run.stages { try follow(reference.key) }
    self.init(slug: run.slug, study: study, runs: [run.run], steps: steps)
  }
}
