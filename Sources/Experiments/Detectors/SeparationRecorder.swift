import Probing
import Statistics

/// Records how scores tell sets apart, under `<detector>/<position>/<layer>/<set>/<statistic>`.
struct SeparationRecorder {
  private(set) var scalars: [String: Double] = [:]

  mutating func record(_ value: Double, as name: String) { scalars[name] = value }

  /// AUROC and d′ of each set of negatives, and the lowest AUROC: a two-part trigger makes their mean
  /// meaningless (MacDiarmid et al. 2024).
  ///
  /// - Parameter stem: `<detector>/<position>/<layer>`.
  mutating func separations(_ stem: String, _ scores: DetectionScores) throws(StatisticsError) {
    var worst = Double.infinity
    for (name, negatives) in scores.negatives {
      let area = try ROCCurve(positives: scores.positives, negatives: negatives).auroc
      record(area, as: "\(stem)/\(name)/auroc")
      record(
        try dPrime(positives: scores.positives, negatives: negatives), as: "\(stem)/\(name)/dprime")
      worst = min(worst, area)
    }
    record(worst, as: "\(stem)/worst-auroc")
  }

  /// The same with recall and false-positive rates at the threshold that flags 1% of the controls at most.
  mutating func operatingPoint(_ stem: String, _ scores: DetectionScores) throws(StatisticsError) {
    try separations(stem, scores)
    let threshold = try Threshold(controls: scores.calibration, falsePositiveRate: 0.01)
    let recall = try threshold.flagged(of: scores.positives).value
    record(recall, as: "\(stem)/tpr-at-1pct")
    var worst = 0.0
    for (name, negatives) in scores.negatives {
      let rate = try threshold.flagged(of: negatives).value
      record(rate, as: "\(stem)/\(name)/fpr-realised")
      worst = max(worst, rate)
    }
    record(worst, as: "\(stem)/worst-fpr")
  }
}
