import Determinism
import Records
import Studies

/// Stages performed from scratch, in memory. Nothing but steps is taken from records: inputs are what this
/// recomputation made itself.
struct Recomputation {
  let catalog: Catalog
  let options: RerunOptions
  let reporter: any Reporter
  /// By the recorded stage key; dropped when no run needs them any more.
  private var made: [Digest: StageValues] = [:]
  /// How many of the runs still to be compared need each stage.
  private var needed: [Digest: Int] = [:]
  private var estimate: ProgressEstimate

  init(plans: [Plan], catalog: Catalog, options: RerunOptions, reporter: any Reporter) {
    self.catalog = catalog
    self.options = options
    self.reporter = reporter
    var steps: [Digest: PlannedStep] = [:]
    for plan in plans {
      for step in plan.steps {
        let key = step.key
        steps[key] = step
        needed[key, default: 0] += 1
      }
    }
    estimate = ProgressEstimate(
      steps: steps.keys.sorted().map { steps[$0]! }, recorded: [], jobs: 1, cost: catalog.cost)
  }

  /// The values of one step, performed unless this command has performed it already.
  ///
  /// - Parameter change: what is deliberately otherwise.
  mutating func values(of step: PlannedStep, label: StageLabel, changes: [PlanChange]) throws
    -> StageValues
  {
    let key = step.key
    if let values = made[key] { return values }
    let changed = changes.reduce(step) { $1.applied(to: $0) }
    guard let stage = catalog.stages[step.kind], catalog.lacks([step]).isEmpty else {
      throw ExecutionError.lacksProcedures(catalog.lacks([step]))
    }
    var inputs: [String: StageOutput] = [:]
    for (port, inputKey) in step.inputs {
      guard let values = made[inputKey] else { throw ExecutionError.missingStage(inputKey) }
      inputs[port] = StageOutput(key: inputKey, kind: "", scalars: values.scalars) { name in
        guard let artifact = values.artifacts[name] else {
          throw ExecutionError.missingArtifact(stage: inputKey, name: name)
        }
        return artifact.bytes
      }
    }
    let started = options.clock.seconds()
    reporter.report(
      .stageStarted(label, resumedAt: nil, estimate.progress(current: (key, nil))))
    let speedometer = Speedometer(
      rate: StageRate(started: started), estimate: estimate, label: label, reporter: reporter,
      clock: options.clock)
    let context = StageContext(
      options: changed.options, seed: changed.seed, inputs: inputs, backend: changed.backend,
      threads: options.threads, report: { speedometer.report($0) }, shouldStop: options.shouldStop)
    let values = changes.reduce(try stage.perform(in: context)) { $1.applied(to: $0) }
    let seconds = options.clock.seconds() - started
    estimate.finished(key, seconds: seconds)
    reporter.report(.stageFinished(label, seconds: seconds, estimate.progress()))
    made[key] = values
    return values
  }

  /// Forgets what no other run needs.
  mutating func finished(_ plan: Plan) {
    for step in plan.steps {
      let key = step.key
      needed[key, default: 1] -= 1
      if needed[key]! <= 0 { made[key] = nil }
    }
  }
}
