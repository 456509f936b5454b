import Statistics

/// What random directions score on one pair of sets: the bar that a detector must clear.
package struct RandomNull: Sendable {
  /// Of max(AUROC, 1 − AUROC): a random direction has no sign.
  package let folded: NullDistribution
  /// Of |d′|.
  package let separation: NullDistribution

  /// - Parameter forEach: who scores which direction; the result does not depend on it.
  package init(
    _ random: RandomDirections, positives: Activations, negatives: Activations,
    forEach: ForEach = Replicates.inTurn
  ) throws(StatisticsError) {
    let directions = random.directions
    let scored = Replicates.collect(directions.count, forEach: forEach) { index in
      Result { () throws(StatisticsError) in
        let high = directions[index].scores(of: positives)
        let low = directions[index].scores(of: negatives)
        let area = try ROCCurve(positives: high, negatives: low).auroc
        return (
          area: max(area, 1 - area),
          distance: try dPrime(positives: high, negatives: low).magnitude
        )
      }
    }
    var areas: [Double] = []
    var distances: [Double] = []
    for result in scored {
      let (area, distance) = try result.get()
      areas.append(area)
      distances.append(distance)
    }
    folded = NullDistribution(areas)
    separation = NullDistribution(distances)
  }
}
