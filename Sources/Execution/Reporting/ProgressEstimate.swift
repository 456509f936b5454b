import Determinism
import Studies

/// How long the rest of a plan will take: from the durations of stages of the same kind in this command, else
/// from the catalog's rough costs scaled by how wrong they have been so far.
struct ProgressEstimate {
  private let cost: @Sendable (String, JSON.Object) -> StageCost?
  private let jobs: Int
  private(set) var stepsTotal: Int
  private(set) var stepsDone = 0
  /// Steps not done yet.
  private var waiting: [Digest: PlannedStep] = [:]
  private var observed: [String: (seconds: Double, count: Int)] = [:]
  private var observedSeconds = 0.0
  private var expectedSeconds = 0.0

  init(
    steps: [PlannedStep], recorded: Set<Digest>, jobs: Int,
    cost: @escaping @Sendable (String, JSON.Object) -> StageCost?
  ) {
    self.cost = cost
    self.jobs = max(1, jobs)
    stepsTotal = steps.count
    for step in steps {
      let key = step.key
      if recorded.contains(key) { stepsDone += 1 } else { waiting[key] = step }
    }
  }

  /// - Parameter seconds: nil when another process performed it.
  mutating func finished(_ key: Digest, seconds: Double?) {
    guard let step = waiting.removeValue(forKey: key) else { return }
    stepsDone += 1
    guard let seconds else { return }
    observed[step.kind, default: (0, 0)].seconds += seconds
    observed[step.kind]!.count += 1
    if let cost = cost(step.kind, step.options) {
      observedSeconds += seconds
      expectedSeconds += cost.seconds
    }
  }

  private func seconds(of step: PlannedStep) -> Double? {
    if let known = observed[step.kind] { return known.seconds / Double(known.count) }
    guard let cost = cost(step.kind, step.options) else { return nil }
    return cost.seconds * (expectedSeconds > 0 ? observedSeconds / expectedSeconds : 1)
  }

  /// - Parameter current: the step being performed and the seconds it still needs, if that is known.
  func progress(current: (key: Digest, secondsLeft: Double?)? = nil) -> PlanProgress {
    var left: Double? = 0
    // Summation order does not matter for what is shown in whole seconds.
    for (key, step) in waiting {
      let known =
        key == current?.key ? current?.secondsLeft ?? seconds(of: step) : seconds(of: step)
      left = left.flatMap { sum in known.map { sum + $0 } }
    }
    return PlanProgress(
      stepsDone: stepsDone, stepsTotal: stepsTotal, secondsLeft: left.map { $0 / Double(jobs) })
  }
}

/// The rate of one attempt at a stage.
struct StageRate {
  private let started: Double
  private var first: Int?

  init(started: Double) { self.started = started }

  /// Units per second since the first report, and seconds left at that rate.
  mutating func update(_ progress: StageProgress, now: Double) -> (
    rate: Double?, secondsLeft: Double?
  ) {
    // A resumed attempt begins in the middle: what earlier attempts did says nothing of its speed.
    let first = self.first ?? progress.done
    self.first = first
    let elapsed = now - started
    guard progress.done > first, elapsed > 0 else { return (nil, nil) }
    let rate = Double(progress.done - first) / elapsed
    return (rate, Double(max(0, progress.total - progress.done)) / rate)
  }
}
