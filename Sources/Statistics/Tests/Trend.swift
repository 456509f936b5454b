/// Page's test for an ordered alternative over blocks (Page 1963): do conditions rise in the order
/// given, seed by seed? Seeds are paired, so Jonckheere's test, which takes groups as independent,
/// does not fit.
///
/// - Parameter blocks: one row for each seed, one column for each condition, in the order predicted
/// to rise.
/// - Returns: L, and the exact one-sided p-value over all rearrangements within blocks, given their
/// ties.
/// - Throws: `.tooFew` below one block or two conditions, `.lengthsDiffer`, `.notANumber` with the
/// index in
///   the flattened table.
package func pageTrend(
  _ blocks: [[Double]]
) throws(StatisticsError) -> (statistic: Double, p: Double) {
  guard let width = blocks.first?.count else { throw .tooFew(needed: 1, given: 0) }
  guard width >= 2 else { throw .tooFew(needed: 2, given: width) }
  precondition(width <= 8, "the exact test takes at most eight conditions")
  if let other = blocks.first(where: { $0.count != width }) {
    throw .lengthsDiffer(scores: width, labels: other.count)
  }
  if let index = blocks.joined().enumerated().first(where: { $0.element.isNaN })?.offset {
    throw .notANumber(index: index)
  }
  // Doubled, mean ranks are whole numbers. ways[l]: the share of rearrangements with that doubled
  // L.
  var observed = 0
  var shares: [Double] = [1]
  for block in blocks {
    let ranks = meanRanks(of: block).map { Int(2 * $0) }
    observed += score(ranks)
    var counts: [Int: Int] = [:]
    var orders = 0
    permute(ranks) { order in
      counts[score(order), default: 0] += 1
      orders += 1
    }
    let each = counts.sorted { $0.key < $1.key }
    var next = [Double](repeating: 0, count: shares.count + each[each.count - 1].key)
    for (sum, share) in shares.enumerated() where share > 0 {
      for (gain, count) in each { next[sum + gain] += share * Double(count) / Double(orders) }
    }
    shares = next
  }
  return (Double(observed) / 2, min(1, shares[observed...].reversed().reduce(0, +)))
}

private func score(_ ranks: [Int]) -> Int {
  ranks.indices.reduce(0) { $0 + ($1 + 1) * ranks[$1] }
}

/// Every order of the elements, by Heap's algorithm.
private func permute(_ elements: [Int], _ visit: ([Int]) -> Void) {
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
