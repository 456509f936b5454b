import Statistics

/// What random directions score on one pair of sets: the bar that a detector must clear.
package struct RandomNull: Sendable {
  /// Of max(AUROC, 1 − AUROC): a random direction has no sign.
  package let folded: NullDistribution
  /// Of |d′|.
  package let separation: NullDistribution

  package init(
    _ random: RandomDirections, positives: Activations, negatives: Activations
  ) throws(StatisticsError) {
    var areas: [Double] = []
    var distances: [Double] = []
    for direction in random.directions {
      let high = direction.scores(of: positives)
      let low = direction.scores(of: negatives)
      let area = try ROCCurve(positives: high, negatives: low).auroc
      areas.append(max(area, 1 - area))
      distances.append(try dPrime(positives: high, negatives: low).magnitude)
    }
    folded = NullDistribution(areas)
    separation = NullDistribution(distances)
  }
}
