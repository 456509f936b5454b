import Studies

/// Adds rate and time left to what a stage reports of itself. A stage reports from one thread at a time.
final class Speedometer: @unchecked Sendable {
  private var rate: StageRate
  private let estimate: ProgressEstimate
  private let label: StageLabel
  private let reporter: any Reporter
  private let clock: Clock

  init(
    rate: StageRate, estimate: ProgressEstimate, label: StageLabel, reporter: any Reporter,
    clock: Clock
  ) {
    self.rate = rate
    self.estimate = estimate
    self.label = label
    self.reporter = reporter
    self.clock = clock
  }

  func report(_ progress: StageProgress) {
    let (rate, left) = rate.update(progress, now: clock.seconds())
    reporter.report(
      .stageProgress(
        label, progress, rate: rate, secondsLeft: left,
        estimate.progress(current: (label.key, left))))
  }
}
