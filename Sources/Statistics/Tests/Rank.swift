/// Ranks from 1, ties sharing the mean of theirs.
package func meanRanks(of values: [Double]) -> [Double] {
  precondition(!values.contains(where: \.isNaN), "NaN has no rank")
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}

/// Spearman's rank correlation: Pearson's of the mean ranks. NaN when one side is constant.
///
/// - Throws: `.lengthsDiffer`, `.tooFew` below two pairs, `.notANumber` with the index in `left +
/// right`.
package func spearman(_ left: [Double], _ right: [Double]) throws(StatisticsError) -> Double {
  guard left.count == right.count else {
    throw .lengthsDiffer(scores: left.count, labels: right.count)
  }
  guard left.count >= 2 else { throw .tooFew(needed: 2, given: left.count) }
  if let index = (left + right).firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  // Doubled and centred, ranks are whole numbers: the sums are exact.
  let centre = Double(left.count + 1)
  let x = meanRanks(of: left).map { 2 * $0 - centre }
  let y = meanRanks(of: right).map { 2 * $0 - centre }
  let cross = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  let product = x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }
  return product == 0 ? .nan : cross / product.squareRoot()
}
