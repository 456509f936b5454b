import Determinism

/// The logarithmic score of probabilities (Good 1952), in nats an example; 0 is best:
///
///   prevalence · mean₊[−log p] + (1 − prevalence) · mean₋[−log(1 − p)],
///
/// the log loss that an example costs where that share of examples is positive. With the examples' own share
/// it is scikit-learn's `log_loss`, but that nothing is clipped: certainty that was wrong costs +∞.
package enum LogScore {
  /// - Parameters:
  ///   - logOdds: predicted for "positive", in nats; ±∞ is certainty.
  ///   - labels: true for a positive example.
  ///   - prevalence: the share of positives to score at; nil: the examples' own.
  /// - Throws: `.lengthsDiffer`, `.tooFew`, `.notANumber`, `.malformed` for a prevalence outside [0, 1],
  ///   `.oneClassOnly` where a class that has a weight has no example.
  package static func value(
    logOdds: [Double], labels: [Bool], prevalence: Double? = nil
  ) throws(StatisticsError) -> Double {
    guard logOdds.count == labels.count else {
      throw .lengthsDiffer(scores: logOdds.count, labels: labels.count)
    }
    guard !labels.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    if let index = logOdds.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    let positives = labels.count { $0 }
    let share = prevalence ?? Double(positives) / Double(labels.count)
    guard (0...1).contains(share) else { throw .malformed("\(share) is no prevalence") }
    var score = 0.0
    for (label, weight) in [(true, share), (false, 1 - share)] where weight > 0 {
      // Sorted, so that the sum does not depend on the order of the examples.
      let costs = zip(logOdds, labels).filter { $0.1 == label }
        .map { Self.cost(label ? $0.0 : -$0.0) }.sorted()
      guard !costs.isEmpty else {
        throw .oneClassOnly(positives: positives, negatives: labels.count - positives)
      }
      score += weight * (costs.reduce(0, +) / Double(costs.count))
    }
    return score
  }

  /// −log of 1 / (1 + e^−f), without overflow.
  private static func cost(_ f: Double) -> Double {
    max(-f, 0) + Elementary.log1p(Elementary.exp(-f.magnitude))
  }
}
