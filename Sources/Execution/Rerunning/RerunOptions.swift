import Determinism
import Records
import Studies

/// How to rerun, and what the rerun borrows from the records.
package struct RerunOptions: Sendable {
  /// Worker threads of each stage.
  package var threads = 1
  /// Processes, this one included.
  package var jobs = 1
  package var shouldStop: @Sendable () -> Bool = { false }
  package var clock: Clock
  /// Of this process: machine id, binary, OS, toolchain, operator.
  package var circumstances = JSON.Object()
  /// Throws when a run's records or stored artifacts are damaged: `Registry.verify(run:)`.
  package var verify: @Sendable (Digest) throws -> Void = { _ in }
  /// Every assessment that the run takes part in, repeated with these values in place of the recorded ones.
  package var conclusions: @Sendable (RunRecord, [Digest: StageRecord]) throws -> Conclusions = {
    _, _ in
    Conclusions(kept: 0, changed: [])
  }
  /// Starts worker `index` (from 1) on some of the runs; it records its reruns in the same registry.
  package var spawn: (@Sendable (_ index: Int, _ runs: [Digest]) throws -> any Worker)?
  /// Deliberate changes. With any, nothing is recorded.
  package var changes: [PlanChange] = []

  package init(clock: Clock) { self.clock = clock }
}

/// Assessments repeated with a rerun's values.
package struct Conclusions: Equatable, Sendable {
  /// How many kept their result.
  package let kept: Int
  /// In words, one for each that did not.
  package let changed: [String]

  package init(kept: Int, changed: [String]) {
    self.kept = kept
    self.changed = changed
  }

  /// Without any assessment there is no conclusion to keep.
  var areSame: Bool { kept > 0 && changed.isEmpty }
}
