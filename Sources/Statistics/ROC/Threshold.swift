/// A decision threshold set on control scores alone, then frozen.
package struct Threshold: Equatable, Sendable {
  /// A score strictly above this is flagged. Strictly, so that a control score at the limit, and
  /// whatever ties with it, is not.
  package let value: Double
  package let target: Double
  /// Flagged controls: at most the target.
  package let controls: Proportion

  /// The lowest threshold that flags at most the target share of the controls; ties count against
  /// us.
  ///
  /// - Throws: `.tooFew` without controls, `.notANumber`.
  package init(controls: [Double], falsePositiveRate target: Double) throws(StatisticsError) {
    precondition(target >= 0 && target <= 1, "a rate lies in [0, 1]")
    guard !controls.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    if let index = controls.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    let falling = controls.sorted(by: >)
    let limit = allowed(of: controls.count, at: target)
    let value = limit < falling.count ? falling[limit] + 0.0 : -.infinity
    self.value = value
    self.target = target
    self.controls = Proportion(
      successes: controls.count { $0 > value }, trials: controls.count)
  }

  package func flags(_ score: Double) -> Bool { score > value }

  /// How many of these scores are flagged: false positives on negatives, recall on positives. NaN
  /// is never flagged, so it is refused.
  package func flagged(of scores: [Double]) throws(StatisticsError) -> Proportion {
    if let index = scores.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    return Proportion(successes: scores.count(where: flags), trials: scores.count)
  }

  /// The data set with the highest realised false positive rate, first by name among equals (a
  /// two-part trigger makes the average over data sets meaningless). Empty sets are skipped; nil if
  /// none is left.
  package func worstDataset(
    of negatives: [String: [Double]]
  ) throws(StatisticsError) -> (name: String, rate: Proportion)? {
    var worst: (name: String, rate: Proportion)?
    for name in negatives.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let scores = negatives[name], !scores.isEmpty else { continue }
      let rate = try flagged(of: scores)
      if worst.map({ rate.value > $0.rate.value }) ?? true { worst = (name, rate) }
    }
    return worst
  }
}
