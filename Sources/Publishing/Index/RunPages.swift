import Records
import Studies

/// Which runs have a page of their own. A page weighs some 150 kB, so that all of a large study's would weigh
/// more than anyone reads; the tables and figures are of all runs whatever is chosen here.
package enum RunPages: String, Sendable, CaseIterable {
  case all
  /// Of each study, point and arm the run of the first confirmatory seed, or of the first seed where there is
  /// none; and every run that did not complete or that a rerun did not reproduce.
  case oneSeed = "one-seed"

  /// Leaves ``RunView/hasPage`` to those that have one.
  func choose(among runs: inout [RunView]) {
    guard self == .oneSeed else { return }
    var first: [String: Int] = [:]
    for index in runs.indices {
      let run = runs[index]
      let place = "\(run.record.slug)|\(run.arm)|\(run.record.run.point.pointKey)"
      guard let other = first[place] else {
        first[place] = index
        continue
      }
      if run.comesBefore(runs[other]) { first[place] = index }
    }
    let chosen = Set(first.values)
    for index in runs.indices {
      runs[index].hasPage = chosen.contains(index) || runs[index].needsLooking
    }
  }
}

extension RunView {
  fileprivate func comesBefore(_ other: RunView) -> Bool {
    if phase != other.phase { return phase == .confirmatory }
    return record.run.seed < other.record.run.seed
  }

  fileprivate var needsLooking: Bool {
    if state != .completed { return true }
    guard let lastVerdict else { return false }
    return lastVerdict != .exact && lastVerdict != .withinTolerance
  }
}
