/// What Page's test found.
package struct PageTest: Equatable, Sendable {
  /// L: over blocks and conditions, the condition's place times its rank.
  package let statistic: Double
  /// One-sided: the chance of an L at least as great.
  package let p: Double
  /// Over all rearrangements within blocks; else by the normal distribution.
  package let isExact: Bool
}

/// Page's test for an ordered alternative over blocks (Page 1963): do conditions rise in the order
/// given, seed by seed? Seeds are paired, so Jonckheere's test, which takes groups as independent,
/// does not fit.
///
/// - Parameter blocks: one row for each seed, one column for each condition, in the order predicted
/// to rise.
/// - Returns: L, and the one-sided p-value given the ties: exact over all rearrangements within blocks for
/// up to eight conditions and 30 blocks, from the mean and variance of those beyond.
/// - Throws: `.tooFew` below one block or two conditions, `.lengthsDiffer`, `.notANumber` with the
/// index in
///   the flattened table.
package func pageTrend(_ blocks: [[Double]]) throws(StatisticsError) -> PageTest {
  guard let width = blocks.first?.count else { throw .tooFew(needed: 1, given: 0) }
  guard width >= 2 else { throw .tooFew(needed: 2, given: width) }
  if let other = blocks.first(where: { $0.count != width }) {
    throw .lengthsDiffer(scores: width, labels: other.count)
  }
  if let index = blocks.joined().enumerated().first(where: { $0.element.isNaN })?.offset {
    throw .notANumber(index: index)
  }
  // Doubled, mean ranks are whole numbers.
  let ranks = blocks.map { meanRanks(of: $0).map { Int(2 * $0) } }
  let observed = ranks.reduce(0) { $0 + score($1) }
  let isExact = width <= 8 && blocks.count <= 30
  return PageTest(
    statistic: Double(observed) / 2,
    p: isExact ? exactTail(ranks, observed) : normalTail(ranks, observed), isExact: isExact)
}

private func exactTail(_ blocks: [[Int]], _ observed: Int) -> Double {
  // shares[l]: the share of rearrangements with that doubled L.
  var shares: [Double] = [1]
  var known: [[Int]: [(gain: Int, share: Double)]] = [:]
  for ranks in blocks {
    let ties = ranks.sorted()
    let each = known[ties] ?? gains(ties)
    known[ties] = each
    var next = [Double](repeating: 0, count: shares.count + each[each.count - 1].gain)
    for (sum, share) in shares.enumerated() where share > 0 {
      for (gain, part) in each { next[sum + gain] += share * part }
    }
    shares = next
  }
  return min(1, shares[observed...].reversed().reduce(0, +))
}

/// What a block can add to L, ascending, and in what share of its orders.
private func gains(_ ranks: [Int]) -> [(gain: Int, share: Double)] {
  var counts: [Int: Int] = [:]
  var orders = 0
  permute(ranks) { order in
    counts[score(order), default: 0] += 1
    orders += 1
  }
  return counts.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value) / Double(orders)) }
}

/// Without a correction for continuity, as SciPy has it; the variance is that given the ties.
private func normalTail(_ blocks: [[Int]], _ observed: Int) -> Double {
  let width = Double(blocks[0].count)
  let places = width * (width * width - 1) / 12
  var mean = 0.0
  var variance = 0.0
  for ranks in blocks {
    let summary = Summary(ranks.map(Double.init))
    mean += summary.mean * width * (width + 1) / 2
    variance += places * summary.squares / (width - 1)
  }
  guard variance > 0 else { return 1 }
  return Normal.cumulative((mean - Double(observed)) / variance.squareRoot())
}

private func score(_ ranks: [Int]) -> Int {
  ranks.indices.reduce(0) { $0 + ($1 + 1) * ranks[$1] }
}

/// Every order of the elements, by Heap's algorithm.
func permute<Element>(_ elements: [Element], _ visit: ([Element]) -> Void) {
  var elements = elements
  var counters = [Int](repeating: 0, count: elements.count)
  visit(elements)
  var index = 1
  while index < elements.count {
    if counters[index] < index {
      elements.swapAt(index.isMultiple(of: 2) ? 0 : counters[index], index)
      visit(elements)
      counters[index] += 1
      index = 1
    } else {
      counters[index] = 0
      index += 1
    }
  }
}
