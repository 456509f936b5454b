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

  /// The curve of scores; a higher score means "positive". O(n log n).
  ///
  /// - Parameters:
  ///   - scores: one for each example; ±∞ are legal ends of the order.
  ///   - labels: true for a positive example.
  /// - Throws: `.lengthsDiffer`, `.notANumber` with the first index, `.oneClassOnly`.
  package init(scores: [Double], labels: [Bool]) throws(StatisticsError) {
    guard scores.count == labels.count else {
      throw .lengthsDiffer(scores: scores.count, labels: labels.count)
    }
    if let index = scores.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    let positives = labels.count { $0 }
    let negatives = labels.count - positives
    guard positives > 0, negatives > 0 else {
      throw .oneClassOnly(positives: positives, negatives: negatives)
    }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var thresholds: [Double] = []
    var truePositives: [Int] = []
    var falsePositives: [Int] = []
    var flagged = (positive: 0, negative: 0)
    for (rank, index) in order.enumerated() {
      if labels[index] { flagged.positive += 1 } else { flagged.negative += 1 }
      let isLastOfItsScore =
        rank + 1 == order.count || scores[order[rank + 1]] != scores[index]
      if isLastOfItsScore {
        // + 0.0 turns −0.0 into 0.0: the curve does not depend on the order of the examples.
        thresholds.append(scores[index] + 0.0)
        truePositives.append(flagged.positive)
        falsePositives.append(flagged.negative)
      }
    }
    self.init(
      thresholds: thresholds, truePositives: truePositives, falsePositives: falsePositives,
      positives: positives, negatives: negatives)
  }

  /// The curve of two groups of scores.
  package init(positives: [Double], negatives: [Double]) throws(StatisticsError) {
    try self.init(
      scores: positives + negatives,
      labels: Array(repeating: true, count: positives.count)
        + Array(repeating: false, count: negatives.count))
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
