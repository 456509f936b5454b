/// What a measured ratio means for its goal.
package enum Verdict: Equatable, Sendable {
  case reached
  /// Below the goal, not below the floor.
  case aboveFloor
  case below
  /// The peer is so close to the machine's limit that nothing could be faster than it by that much.
  case outOfReach(highest: Double)

  /// - Parameters:
  ///   - highest: the ratio that a program at the measured FMA peak would have; nil = not known.
  /// - Returns: nil without a goal. A floor that was in reach and is missed is `below`, whatever the goal.
  package init?(ratio: Double, goal: Goal?, highest: Double?) {
    guard let goal else { return nil }
    if ratio >= goal.goal {
      self = .reached
      return
    }
    let isAboveFloor = goal.floor.map { ratio >= $0 } ?? false
    if let highest, highest < goal.goal, isAboveFloor || highest < goal.floor ?? goal.goal {
      self = .outOfReach(highest: highest)
    } else {
      self = isAboveFloor ? .aboveFloor : .below
    }
  }

  /// The word in documents.
  package var name: String {
    switch self {
    case .reached: "reached"
    case .aboveFloor: "above-floor"
    case .below: "below"
    case .outOfReach: "out-of-reach"
    }
  }
}
