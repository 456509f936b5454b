import Determinism
import Probing
import Statistics

/// A detector's scores as probabilities of the outcome, fitted on rows that are neither tested nor what the
/// detector itself was fitted to.
struct DetectionProbabilities {
  /// Where the fit rows with outcomes have their own share of positives.
  private let curve: PlattScaling
  private let share: Double

  /// Why a detector's scores are no probabilities.
  struct Undefined: Error { let what, why: String }

  /// Rows outside the contrast are new to a detector of the contrast. One of clean examples has seen those
  /// without the outcome, so that the controls stand for them.
  init(
    _ detector: Detector, _ fitted: FittedDetector, sets: FitSets, calibration: [Double],
    threads: Int
  ) throws(Undefined) {
    guard sets.outcomePositive.count > 0, sets.outcomeNegative.count > 0 else {
      throw Undefined(
        what: "ece and log-score",
        why: "no rows of role fit outside the contrast (no pair_id, no label) with both outcomes")
    }
    let what = "ece and log-score of \(detector.name)"
    func scores(_ activations: Activations) -> [Double] {
      fitted.scores(of: activations, threads: threads).map { Double(Float($0)) }
    }
    let negative: [Double]
    switch detector.rows {
    case .contrast: negative = scores(sets.outcomeNegative)
    case .clean: negative = calibration
    case .outcome: throw Undefined(what: what, why: "it was fitted to the rows that they need")
    }
    guard !negative.isEmpty else {
      throw Undefined(
        what: what, why: "it was fitted to the rows that they need, and there are no controls")
    }
    let positive = scores(sets.outcomePositive)
    let fit: PlattScaling
    do throws(StatisticsError) {
      fit = try PlattScaling(
        scores: positive + negative,
        labels: (0..<positive.count + negative.count).map { $0 < positive.count })
    } catch { throw Undefined(what: what, why: "\(error)") }
    func share(_ negatives: Int) -> Double {
      Double(positive.count) / Double(positive.count + negatives)
    }
    self.share = share(sets.outcomeNegative.count)
    curve = fit.reweighted(from: share(negative.count), to: self.share)
  }

  /// Expected calibration error, ten bins.
  func error(of scores: [Double], labels: [Bool]) throws(StatisticsError) -> Double {
    try Calibration(probabilities: scores.map(curve.probability), labels: labels).error
  }

  /// Nats, where so large a share is positive.
  func logScore(
    of scores: [Double], labels: [Bool], prevalence: Double
  ) throws(StatisticsError) -> Double {
    let there = curve.reweighted(from: share, to: prevalence)
    return try LogScore.value(
      logOdds: scores.map(there.logOdds), labels: labels, prevalence: prevalence)
  }
}

extension Activations {
  /// Rows that are not among others, each content once: the first that has it. By the digest of their bytes.
  func distinct(from others: Activations) -> [Int] {
    var seen = Set((0..<others.count).map(others.digest))
    return (0..<count).filter { seen.insert(digest($0)).inserted }
  }

  private func digest(_ row: Int) -> Digest {
    floats[row * width..<(row + 1) * width].withUnsafeBytes { Digest(of: $0) }
  }
}
