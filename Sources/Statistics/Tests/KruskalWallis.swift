/// Whether independent groups come from one distribution (Kruskal and Wallis 1952): H, corrected for ties, and
/// its asymptotic p-value. For runs that seeds pair use ``pageTrend(_:)`` or paired differences.
///
/// - Returns: (0, 1) when all values are equal.
/// - Throws: `.tooFew` below two groups or with an empty one, `.notANumber` with the index over all groups.
package func kruskalWallis(
  _ groups: [[Double]]
) throws(StatisticsError) -> (statistic: Double, p: Double) {
  guard groups.count >= 2 else { throw .tooFew(needed: 2, given: groups.count) }
  guard groups.allSatisfy({ !$0.isEmpty }) else { throw .tooFew(needed: 1, given: 0) }
  let all = groups.flatMap { $0 }
  if let index = all.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  let ranks = meanRanks(of: all)
  // Of mean ranks the variance is already that given the ties.
  let variance = Summary(ranks).variance
  guard variance > 0 else { return (0, 1) }
  let centre = Double(all.count + 1) / 2
  var start = 0
  var between = 0.0
  for group in groups {
    let mean = Summary(Array(ranks[start..<start + group.count])).mean
    between += Double(group.count) * (mean - centre) * (mean - centre)
    start += group.count
  }
  let h = between / variance
  return (h, ChiSquared.upper(h, degreesOfFreedom: Double(groups.count - 1)))
}
