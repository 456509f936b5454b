import Determinism
import Records
import Studies

/// The times that circumstances and progress speak of. Never part of a value.
package struct Clock: Sendable {
  /// UTC as text, e.g. `2026-03-01T12:00:00Z`.
  package let date: @Sendable () -> String
  /// Seconds that only ever grow.
  package let seconds: @Sendable () -> Double

  package init(date: @escaping @Sendable () -> String, seconds: @escaping @Sendable () -> Double) {
    self.date = date
    self.seconds = seconds
  }
}

/// Another process that performs the same plan or its share of reruns.
package protocol Worker: Sendable {
  /// Waits for its end; its exit status.
  func wait() -> Int32
}

/// How to perform, as opposed to what.
package struct RunnerOptions: Sendable {
  /// What this process is among those that perform a plan together.
  package enum Role: Equatable, Sendable {
    /// Starts the workers and, at the end, assesses.
    case coordinator
    /// `index` from 1.
    case worker(index: Int)
  }

  package var role = Role.coordinator
  /// Processes, this one included; the same number for all of them.
  package var jobs = 1
  /// Worker threads of each stage.
  package var threads = 1
  /// Perform completed plans once more, as the next ordinal, recomputing every stage.
  package var again = false
  /// Asked between and within stages: true after SIGINT or SIGTERM.
  package var shouldStop: @Sendable () -> Bool = { false }
  package var clock: Clock
  /// Of this process, for every record: machine id, binary, OS, toolchain, operator.
  package var circumstances = JSON.Object()
  /// Starts worker `index` (from 1) on the same plan. Without it `jobs` has no effect.
  package var spawn: (@Sendable (_ index: Int) throws -> any Worker)?
  /// The assessments that the registry's runs of a study now allow.
  package var assess: @Sendable (StudyRecord, any RegistryInterface) throws -> [AssessmentRecord] =
    {
      _, _ in []
    }

  package init(clock: Clock) { self.clock = clock }
}
