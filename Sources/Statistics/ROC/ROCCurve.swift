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
    let high = RadixSort.keys(of: positives)
    let low = RadixSort.keys(of: negatives)
    var thresholds: [Double] = []
    var truePositives: [Int] = []
    var falsePositives: [Int] = []
    let most = positives.count + negatives.count
    thresholds.reserveCapacity(most)
    truePositives.reserveCapacity(most)
    falsePositives.reserveCapacity(most)
    // What is not flagged yet, from the highest score down. No score has the key 0.
    var (restHigh, restLow) = (high.count, low.count)
    while restHigh + restLow > 0 {
      let key = max(restHigh > 0 ? high[restHigh - 1] : 0, restLow > 0 ? low[restLow - 1] : 0)
      while restHigh > 0, high[restHigh - 1] == key { restHigh -= 1 }
      while restLow > 0, low[restLow - 1] == key { restLow -= 1 }
      // −0.0 is not among the keys: the curve does not depend on the order of the examples.
      thresholds.append(RadixSort.score(of: key))
      truePositives.append(high.count - restHigh)
      falsePositives.append(low.count - restLow)
    }
    self.init(
      thresholds: thresholds, truePositives: truePositives, falsePositives: falsePositives,
      positives: high.count, negatives: low.count)
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
