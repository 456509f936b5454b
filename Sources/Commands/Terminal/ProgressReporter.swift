import Determinism
import Execution
import Records
import Studies
import Synchronization

/// Shows what a runner does: one redrawn line for people, a plain line a stage otherwise.
///
/// Nothing is drawn for work under two seconds: a bar that flashes by only unsettles.
final class ProgressReporter: Reporter {
  private struct State {
    var drawn = 0.0
    var started = Machine.seconds()
    var isBarShown = false
  }

  private let terminal: Terminal
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(terminal: Terminal, isQuiet: Bool) {
    self.terminal = terminal
    self.isQuiet = isQuiet
  }

  func report(_ event: RunnerEvent) {
    switch event {
    // What went wrong is said even when quiet.
    case .stageFailed(let label, let message):
      say("error: stage '\(label.name)' of \(label.run) failed: \(message)")
    case .runFailed, .rerunFinished: break
    case .workerEnded(let index, let status) where status != 0:
      say("warning: worker \(index) ended with status \(status)")
    case _ where isQuiet: break
    case .planned(let runs, let steps, let recorded, let completed):
      say(
        "\(counted(runs, "run")), \(counted(steps, "stage result"))"
          + (recorded > 0 ? ", \(recorded) of them there already" : "")
          + (completed > 0 ? "; \(counted(completed, "run")) completed before" : ""))
    case .stageStarted(let label, let resumedAt, let plan):
      if let step = resumedAt { say("\(label.name) of \(label.run): resumed at step \(step)") }
      draw(bar(label, "", plan))
    case .stageProgress(let label, let progress, let rate, let left, let plan):
      let share = "\(progress.done)/\(progress.total) \(progress.unit)"
      let speed = rate.map { ", \(Decimal.text($0, places: $0 < 10 ? 1 : 0))/s" } ?? ""
      let rest = left.map { ", \(Decimal.duration($0)) left in it" } ?? ""
      let note = progress.note.isEmpty ? "" : ", \(progress.note)"
      draw(bar(label, " \(share)\(note)\(speed)\(rest)", plan))
    case .stageFinished(let label, let seconds, let plan):
      finished(label, seconds, plan)
    case .assessed(let prediction, let result): say("prediction \(prediction): \(result.rawValue)")
    case .stageShared, .stageInterrupted, .runCompleted, .workerEnded: break
    }
  }

  /// Removes the bar, before an answer is printed.
  func finish() {
    state.withLock { state in
      if state.isBarShown { terminal.draw("\r\u{1B}[K") }
      state.isBarShown = false
    }
  }

  private func say(_ line: String) {
    finish()
    for line in line.linesForTerminal { terminal.note(line) }
  }

  private func finished(_ label: StageLabel, _ seconds: Double, _ plan: PlanProgress) {
    // People see the bar move; a log file keeps a line for each stage that took its time.
    guard !terminal.isInteractive, seconds >= 2 else { return }
    say(
      "[\(plan.stepsDone)/\(plan.stepsTotal)] \(label.name) of \(label.run): \(Decimal.duration(seconds))"
        + (plan.secondsLeft.map { ", about \(Decimal.duration($0)) left" } ?? ""))
  }

  private func bar(_ label: StageLabel, _ detail: String, _ plan: PlanProgress) -> String {
    let left = plan.secondsLeft.map { " · about \(Decimal.duration($0)) left" } ?? ""
    return "[\(plan.stepsDone)/\(plan.stepsTotal)]\(left) · \(label.name) of \(label.run)\(detail)"
  }

  private func draw(_ line: String) {
    guard terminal.isInteractive else { return }
    state.withLock { state in
      let now = Machine.seconds()
      guard now - state.started >= 2, now - state.drawn >= 0.1 else { return }
      state.drawn = now
      state.isBarShown = true
      let room = max(20, terminal.columns - 1)
      terminal.draw(
        "\r\(String(String.UnicodeScalarView(line.forTerminal.unicodeScalars.prefix(room))))\u{1B}[K"
      )
    }
  }
}
