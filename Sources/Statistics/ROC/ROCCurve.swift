/// A ROC curve as counts: one point for each distinct score, ties grouped.
///
/// Point i flags every example whose score is ≥ `thresholds[i]`; thresholds fall. The empty
/// classifier (nothing flagged) is not stored.
package struct ROCCurve: Equatable, Sendable {
  /// Distinct scores, falling. −0.0 and 0.0 are one threshold.
  package let thresholds: [Double]
  package let truePositives: [Int]
  package let falsePositives: [Int]
  package let positives: Int
  package let negatives: Int

  /// The counts as they are; `check()` says whether they are a curve.
  package init(
    thresholds: [Double], truePositives: [Int], falsePositives: [Int], positives: Int,
    negatives: Int
  ) {
    self.thresholds = thresholds
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.positives = positives
    self.negatives = negatives
  }

  /// The curve of scores; a higher score means "positive". O(n): scores are sorted by their bits.
  ///
  /// - Parameters:
  ///   - scores: one for each example; ±∞ are legal ends of the order.
  ///   - labels: true for a positive example.
  /// - Throws: `.lengthsDiffer`, `.notANumber` with the first index, `.oneClassOnly`.
  package init(scores: [Double], labels: [Bool]) throws(StatisticsError) {
    guard scores.count == labels.count else {
      throw .lengthsDiffer(scores: scores.count, labels: labels.count)
    }
    var positives: [Double] = []
    var negatives: [Double] = []
    for (index, score) in scores.enumerated() {
      if score.isNaN { throw .notANumber(index: index) }
      if labels[index] { positives.append(score) } else { negatives.append(score) }
    }
    try self.init(positives: positives, negatives: negatives)
  }

  /// The curve of two groups of scores. An index in an error counts the positives first.
  package init(positives: [Double], negatives: [Double]) throws(StatisticsError) {
    for (scores, offset) in [(positives, 0), (negatives, positives.count)] {
      if let index = scores.firstIndex(where: \.isNaN) { throw .notANumber(index: offset + index) }
    }
    guard !positives.isEmpty, !negatives.isEmpty else {
      throw .oneClassOnly(positives: positives.count, negatives: negatives.count)
    }
    // Each class is sorted on its own, so no label has to follow its score; then the two are merged.
    let merged = Self.merge(
      RadixSort.keys(of: positives), RadixSort.keys(of: negatives))
    self.init(
      thresholds: merged.keys.map(RadixSort.score(of:)), truePositives: merged.high,
      falsePositives: merged.low, positives: positives.count, negatives: negatives.count)
  }

  /// The distinct keys of two rising rows, falling, with how many of each row are at least as large.
  ///
  /// Which row is next is chance, so the loop takes no branch on it: a wrongly predicted one costs more
  /// than the rest of a step.
  private static func merge(
    _ high: [UInt64], _ low: [UInt64]
  ) -> (keys: [UInt64], high: [Int], low: [Int]) {
    let most = high.count + low.count
    var keys = [UInt64](repeating: 0, count: most)
    var highCounts = [Int](repeating: 0, count: most)
    var lowCounts = [Int](repeating: 0, count: most)
    var distinct = 0
    // No score has the key 0: it stands below both rows, and before the first step.
    var last: UInt64 = 0
    var (restHigh, restLow) = (high.count, low.count)
    while restHigh | restLow > 0 {
      let a = restHigh > 0 ? high[restHigh - 1] : 0
      let b = restLow > 0 ? low[restLow - 1] : 0
      let key = max(a, b)
      restHigh -= a == key ? 1 : 0
      restLow -= b == key ? 1 : 0
      distinct += key == last ? 0 : 1
      last = key
      // Written again for as long as the score stays: the last one counts them all.
      keys[distinct - 1] = key
      highCounts[distinct - 1] = high.count - restHigh
      lowCounts[distinct - 1] = low.count - restLow
    }
    return (
      Array(keys[..<distinct]), Array(highCounts[..<distinct]), Array(lowCounts[..<distinct])
    )
  }

  /// Whether the counts are those of a curve: thresholds fall, counts rise and end at the totals.
  package func check() throws(StatisticsError) {
    guard thresholds.count == truePositives.count, thresholds.count == falsePositives.count else {
      throw .malformed("thresholds, tp and fp differ in length")
    }
    guard positives > 0, negatives > 0 else {
      throw .oneClassOnly(positives: positives, negatives: negatives)
    }
    if let index = thresholds.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    guard truePositives.last == positives, falsePositives.last == negatives else {
      throw .malformed("the last point does not flag everything")
    }
    var before = (positive: 0, negative: 0)
    for index in thresholds.indices {
      let now = (positive: truePositives[index], negative: falsePositives[index])
      guard now.positive >= before.positive, now.negative >= before.negative,
        now.positive + now.negative > before.positive + before.negative
      else { throw .malformed("counts do not rise at point \(index)") }
      guard index == 0 || thresholds[index] < thresholds[index - 1] else {
        throw .malformed("thresholds do not fall at point \(index)")
      }
      before = now
    }
  }
}
