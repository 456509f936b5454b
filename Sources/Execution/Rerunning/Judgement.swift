import Determinism
import Records
import Studies

/// All stages of a run compared: what a verdict is made from.
struct Judgement {
  /// Stages in the order of performing, with their names in the run.
  private(set) var compared = 0
  private(set) var firstDivergence: Divergence?
  private var differences: [(stage: String, difference: Difference)] = []

  mutating func add(stage: String, _ comparison: ValueComparison) {
    compared += comparison.compared
    differences += comparison.differences.map { (stage, $0) }
    if firstDivergence == nil, let first = comparison.differences.first {
      firstDivergence = Divergence(
        stage: stage, key: first.path, step: first.step, recorded: first.recorded,
        recomputed: first.recomputed, ulps: first.ulps)
    }
  }

  var isExact: Bool { differences.isEmpty }

  /// Within the tolerances, what that rests on; nil when some difference is not covered or too large.
  func withinTolerance(_ tolerances: [Tolerance]) -> (note: String, notChecked: [String])? {
    guard !differences.isEmpty else { return nil }
    var notChecked: [String] = []
    for (stage, difference) in differences {
      let covering = tolerances.filter { $0.covers(stage: stage, key: difference.key) }
      guard !covering.isEmpty else { return nil }
      if let numbers = difference.numbers {
        let allowed = covering.allSatisfy {
          $0.allows(recorded: numbers.recorded, recomputed: numbers.recomputed)
        }
        guard allowed else { return nil }
      } else {
        // A value that only one side has is no small difference.
        guard difference.recorded != "absent", difference.recomputed != "absent",
          difference.kind == .curve || difference.kind == .artifact
        else { return nil }
        notChecked.append(
          "\(difference.path) of \(stage): differs in bits, and no numeric tolerance applies to it")
      }
    }
    return (largestDifferences, notChecked)
  }

  /// Largest absolute, relative and ulp difference over all numbers that differ, for people.
  var largestDifferences: String {
    var absolute = 0.0
    var relative = 0.0
    var ulps: UInt64 = 0
    var count = 0
    for (_, difference) in differences {
      guard let numbers = difference.numbers else { continue }
      count += 1
      let distance = (numbers.recomputed - numbers.recorded).magnitude
      if distance.isFinite {
        absolute = max(absolute, distance)
        if numbers.recorded != 0 { relative = max(relative, distance / numbers.recorded.magnitude) }
      }
      ulps = max(ulps, difference.ulps ?? 0)
    }
    return "\(differences.count) values differ"
      + (count == 0
        ? "" : "; largest difference \(absolute) absolute, \(relative) relative, \(ulps) ulps")
  }
}
