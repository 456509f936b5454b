import Statistics

/// Median and quartiles of one figure per round.
package struct Spread: Equatable, Sendable {
  package let median: Double
  package let lower: Double
  package let upper: Double

  /// - Throws: `.tooFew` of no rounds, `.notANumber`.
  package init(_ rounds: [Double]) throws(StatisticsError) {
    lower = try quantile(rounds, 0.25)
    median = try quantile(rounds, 0.5)
    upper = try quantile(rounds, 0.75)
  }

  /// How many times faster `ours` was, round by round: what slows the machine for a while slows both.
  package static func ratio(
    ours: [Double], theirs: [Double]
  ) throws(StatisticsError) -> Spread {
    precondition(ours.count == theirs.count, "rounds come in pairs")
    return try Spread(zip(ours, theirs).map { $1 / $0 })
  }
}
