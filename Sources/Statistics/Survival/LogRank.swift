/// Whether two groups keep their events at bay equally long (Mantel 1966).
package struct LogRank: Equatable, Sendable {
  /// Events of the first group, seen and expected if both were alike.
  package let observed: Double
  package let expected: Double
  /// Hypergeometric, of observed − expected.
  package let variance: Double

  /// χ² with one degree of freedom; 0 where no event can tell the groups apart.
  package var statistic: Double {
    let excess = observed - expected
    return variance == 0 ? 0 : excess * excess / variance
  }

  /// Asymptotic, two-sided, for independent groups.
  package var p: Double { min(1, 2 * Normal.cumulative(-statistic.squareRoot())) }

  /// - Throws: `.tooFew` when a group is empty.
  package init(_ first: [TimeToEvent], _ second: [TimeToEvent]) throws(StatisticsError) {
    guard !first.isEmpty, !second.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    let all = first + second
    var (observed, expected, variance) = (0.0, 0.0, 0.0)
    for time in Set(all.filter(\.isObserved).map(\.time)).sorted() {
      let n = Double(all.count { $0.time >= time })
      let own = Double(first.count { $0.time >= time })
      let d = Double(all.count { $0.isObserved && $0.time == time })
      observed += Double(first.count { $0.isObserved && $0.time == time })
      expected += d * own / n
      if n > 1 { variance += d * (own / n) * (1 - own / n) * (n - d) / (n - 1) }
    }
    self.observed = observed
    self.expected = expected
    self.variance = variance
  }

  /// The paired test: the share of the ways to swap the two times within pairs that part observed and
  /// expected at least as far. For two runs of each seed.
  package static func paired(
    _ pairs: [(TimeToEvent, TimeToEvent)]
  ) throws(StatisticsError) -> PermutationTest {
    guard !pairs.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    func excess(_ isSwapped: (Int) -> Bool) -> Double {
      let first = pairs.indices.map { isSwapped($0) ? pairs[$0].1 : pairs[$0].0 }
      let second = pairs.indices.map { isSwapped($0) ? pairs[$0].0 : pairs[$0].1 }
      guard let test = try? LogRank(first, second) else { preconditionFailure("there are pairs") }
      return (test.observed - test.expected).magnitude
    }
    // Differences by rounding alone are ties.
    let reached = excess { _ in false } - 1e-9
    return PermutationTest(pairs: pairs.count, name: "log-rank") { excess($0) >= reached }
  }
}
