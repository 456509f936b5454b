import Statistics

/// How one frozen score tells positives from several sets of negatives, with its threshold set on a
/// calibration set of controls that none of them shares a prompt with.
package struct DetectorReport: Sendable {
  /// By name of the negatives.
  package let sets: [String: Separation]
  /// Recall at the threshold.
  package let recall: Double
  /// Largest realised false positive rate over the sets: a two-part trigger makes their mean meaningless
  /// (MacDiarmid et al. 2024).
  package let worstFalsePositiveRate: Double

  package struct Separation: Sendable {
    package let curve: ROCCurve
    package let dPrime: Double
    package let falsePositiveRate: Double
  }

  package init(
    positives: [Double], negatives: [String: [Double]], calibration: [Double],
    targetFalsePositiveRate target: Double = 0.01
  ) throws(StatisticsError) {
    let threshold = try Threshold(controls: calibration, falsePositiveRate: target)
    var sets: [String: Separation] = [:]
    for (name, scores) in negatives {
      sets[name] = Separation(
        curve: try ROCCurve(positives: positives, negatives: scores),
        dPrime: try dPrime(positives: positives, negatives: scores),
        falsePositiveRate: try threshold.flagged(of: scores).value)
    }
    self.sets = sets
    recall = try threshold.flagged(of: positives).value
    worstFalsePositiveRate = try threshold.worstDataset(of: negatives)?.rate.value ?? .nan
  }
}

extension ROCCurve {
  /// The same curve by its corners: points between which only positives, or only negatives, are added
  /// are left out. The area and every operating point on a corner are unchanged.
  package var corners: ROCCurve {
    var kept: [Int] = []
    var before = (positive: 0, negative: 0)
    for index in thresholds.indices {
      let here = (positive: truePositives[index], negative: falsePositives[index])
      let isLast = index + 1 == thresholds.count
      let isInside: Bool
      if isLast {
        isInside = false
      } else {
        let next = (positive: truePositives[index + 1], negative: falsePositives[index + 1])
        isInside =
          (before.positive == here.positive && here.positive == next.positive)
          || (before.negative == here.negative && here.negative == next.negative)
      }
      if !isInside { kept.append(index) }
      before = here
    }
    return ROCCurve(
      thresholds: kept.map { thresholds[$0] }, truePositives: kept.map { truePositives[$0] },
      falsePositives: kept.map { falsePositives[$0] }, positives: positives,
      negatives: negatives)
  }
}
