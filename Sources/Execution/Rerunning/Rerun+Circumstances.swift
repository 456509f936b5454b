import Determinism
import Records
import Studies

extension Rerun {
  /// What is said to be the same or not: facts under which a value may come out otherwise, or that say who
  /// else it was.
  static let comparedCircumstances = [
    "machine", "cpu", "binary", "openblas", "kernel_family", "os", "toolchain", "threads",
    "operator",
  ]

  /// This rerun's circumstances, with `same_machine`, `same_cpu`, … against all stages of the run: true when
  /// every stage that says has our value, false when some has another, left out when nobody says.
  func circumstances(of run: RunRecord, _ snapshot: Snapshot?) -> JSON.Object {
    var circumstances = JSON.Object(
      catalog.environment().members.map { ($0.key.value, $0.value) }
        + options.circumstances.members.map { ($0.key.value, $0.value) })
    circumstances["threads"] = JSON(options.threads)
    circumstances["finished"] = JSON(options.clock.date())
    guard let snapshot else { return circumstances }
    let recorded =
      run.run.stages.compactMap { snapshot.stages[$0.key]?.circumstances } + [run.circumstances]
    for name in Self.comparedCircumstances {
      guard let ours = circumstances[name] else { continue }
      let theirs = recorded.compactMap { $0[name] }
      if !theirs.isEmpty { circumstances["same_\(name)"] = JSON(theirs.allSatisfy { $0 == ours }) }
    }
    return circumstances
  }
}
