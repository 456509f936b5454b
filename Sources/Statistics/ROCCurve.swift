import Determinism

/// A ROC curve as counts: one point for each distinct score, ties grouped.
///
/// Point i flags every example whose score is ≥ `thresholds[i]`; thresholds fall. The empty classifier
/// (nothing flagged) is not stored.
package struct ROCCurve: Equatable, Sendable {
  /// Distinct scores, falling. −0.0 and 0.0 are one threshold.
  package let thresholds: [Double]
  package let truePositives: [Int]
  package let falsePositives: [Int]
  package let positives: Int
  package let negatives: Int

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

  package var document: JSON {
    [
      "thresholds": JSON(
        Hexadecimal.text(
          of: thresholds.flatMap { value in
            (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (56 - 8 * UInt64($0))) }
          })),
      "tp": .array(truePositives.map { JSON($0) }), "fp": .array(falsePositives.map { JSON($0) }),
      "positives": JSON(positives), "negatives": JSON(negatives),
    ]
  }
}
