import Determinism
import Studies

/// Why a plan or a record could not be performed at all. Wording is here and nowhere else.
package enum ExecutionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Confirmatory seeds before the predictions were frozen.
  case notFrozen(slug: String, frozenBefore: Bool)
  /// The catalog lacks these procedures; each in words.
  case lacksProcedures([String])
  /// Recomputing a recorded stage gave other values.
  case determinismAlarm(kind: String, key: Digest, recorded: Digest, recomputed: Digest)
  /// A stage takes something from a stage result that is not in the registry.
  case missingStage(Digest)
  case missingArtifact(stage: Digest, name: String)
  case unknownRun(Digest)
  case notCompleted(run: Digest, state: String)
  /// A deliberate change of something that the run does not have, or to what it is already.
  case impossibleChange(stage: String, run: Digest)

  package var description: String {
    switch self {
    case .notFrozen(let slug, let frozenBefore):
      (frozenBefore
        ? "the predictions or tolerances of '\(slug)' have changed since they were frozen"
        : "the predictions of '\(slug)' are not frozen, so its confirmatory seeds are closed")
        + "\n  hint: dormouse freeze studies/\(slug)"
    case .lacksProcedures(let lacks): lacks.joined(separator: "; ")
    case .determinismAlarm(let kind, let key, let recorded, let recomputed):
      "determinism alarm: stage '\(kind)' \(key.short) was recorded with values \(recorded.short) and "
        + "came out as \(recomputed.short)\n  hint: dormouse doctor"
    case .missingStage(let key): "the registry has no stage result \(key.short)"
    case .missingArtifact(let stage, let name): "stage \(stage.short) has no artifact '\(name)'"
    case .unknownRun(let run): "the registry has no run \(run.short)\n  hint: dormouse list"
    case .notCompleted(let run, let state):
      "run \(run.short) is \(state); only a completed run can be rerun"
    case .impossibleChange(let stage, let run):
      "stage '\(stage)' of run \(run.short) has nothing like that to change"
    }
  }
}

extension Catalog {
  /// What the catalog lacks for these steps, each procedure once: `"needs implant@1, this binary has @2"`.
  package func lacks(_ steps: [PlannedStep]) -> [String] {
    var messages: [String] = []
    for step in steps {
      let message: String
      if let stage = stages[step.kind], stage.version == step.version {
        guard let problem = problem(withBackend: step.backend) else { continue }
        message = problem
      } else if let stage = stages[step.kind] {
        message = "needs \(step.kind)@\(step.version), this binary has @\(stage.version)"
      } else {
        message = "needs \(step.kind)@\(step.version), this binary has no '\(step.kind)'"
      }
      if !messages.contains(message) { messages.append(message) }
    }
    return messages
  }
}
