import Determinism
import Records
import Studies

/// Performs single steps on inputs from a registry.
struct StagePerformer {
  let registry: any RegistryInterface
  let catalog: Catalog
  let options: RunnerOptions

  /// The values of a step, from its resume point if it has one.
  ///
  /// - Parameter isFresh: ignore and leave no resume points.
  func values(
    of step: PlannedStep, isFresh: Bool = false,
    report: @escaping @Sendable (StageProgress) -> Void = { _ in }
  ) throws -> (values: StageValues, resumedAt: Int?) {
    guard let stage = catalog.stages[step.kind], catalog.lacks([step]).isEmpty else {
      throw ExecutionError.lacksProcedures(catalog.lacks([step]))
    }
    let key = step.key
    let point = isFresh ? nil : try registry.resumePoint(key)
    var inputs: [String: StageOutput] = [:]
    for port in step.inputs.keys.sorted() { inputs[port] = try output(of: step.inputs[port]!) }
    let registry = registry
    let context = StageContext(
      options: step.options, seed: step.seed, inputs: inputs, backend: step.backend,
      threads: options.threads, resumePoint: point, report: report,
      save: { if !isFresh { try registry.save($0, for: key) } }, shouldStop: options.shouldStop)
    return (try stage.perform(in: context), point?.step)
  }

  /// A recorded stage result as an input. Artifacts are read when asked for; one that is not held (an
  /// imported archive has no weights) is made again by performing the stage that made it.
  func output(of key: Digest) throws -> StageOutput {
    guard let record = try registry.stage(key) else { throw ExecutionError.missingStage(key) }
    let remade = Remade()
    let performer = self
    return StageOutput(key: key, kind: record.step.kind, scalars: record.scalars) { name in
      guard let reference = record.artifacts[name] else {
        throw ExecutionError.missingArtifact(stage: key, name: name)
      }
      if performer.registry.holds(reference.digest) {
        return try performer.registry.artifact(reference.digest)
      }
      let values = try remade.values {
        let values = try performer.values(of: record.step, isFresh: true).values
        guard values.digest == record.valuesDigest else {
          throw ExecutionError.determinismAlarm(
            kind: record.step.kind, key: key, recorded: record.valuesDigest,
            recomputed: values.digest)
        }
        return values
      }
      return values.artifacts[name]!.bytes
    }
  }

  /// Values made again, once for all artifacts of a stage. A stage asks from one thread.
  private final class Remade: @unchecked Sendable {
    private var made: StageValues?
    func values(_ make: () throws -> StageValues) rethrows -> StageValues {
      if let made { return made }
      let values = try make()
      made = values
      return values
    }
  }
}
