import Determinism
import Studies

/// What came of performing a plan.
package struct RunnerSummary: Equatable, Sendable {
  /// In the order of the plan.
  package var completed: [Digest] = []
  /// Runs that had been completed before.
  package var alreadyCompleted: [Digest] = []
  /// With what went wrong.
  package var failed: [FailedRun] = []
  package var interrupted: [Digest] = []
  /// Owned by another live process, which completes them.
  package var elsewhere: [Digest] = []
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
    failed.isEmpty && interrupted.isEmpty && elsewhere.isEmpty && !wasStopped
  }
}
