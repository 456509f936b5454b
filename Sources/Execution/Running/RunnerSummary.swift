import Determinism
import Studies

/// What came of performing a plan.
package struct RunnerSummary: Equatable, Sendable {
  /// Completed during this call, by whichever process.
  package var completed: [Digest] = []
  /// Completed before.
  package var alreadyCompleted: [Digest] = []
  /// With what went wrong.
  package var failed: [FailedRun] = []
  package var interrupted: [Digest] = []
  /// Stopped before their first stage.
  package var notBegun: [Digest] = []
  /// Stages performed by this process.
  package var performed = 0
  /// Stages of the plan whose result was there already or came from another process.
  package var shared = 0
  package var wasStopped = false

  package struct FailedRun: Equatable, Sendable {
    package let run: Digest
    package let message: String
  }

  package init() {}

  /// Whether every run of the plan is completed now.
  package var isComplete: Bool {
    failed.isEmpty && interrupted.isEmpty && notBegun.isEmpty && !wasStopped
  }
}
