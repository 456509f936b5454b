/// How far predicted probabilities lie from what happened.
package struct Calibration: Equatable, Sendable {
  /// One bin of a reliability diagram.
  package struct Bin: Equatable, Sendable {
    /// Mean predicted probability of its examples.
    package let predicted: Double
    package let observed: Proportion
  }

  /// Bins of equal width on [0, 1] that hold examples, rising; a probability of 1 is in the last.
  package let bins: [Bin]
  /// Expected calibration error: the gap between predicted and observed, averaged over examples.
  package let error: Double
  /// Brier score: the mean squared gap of each example.
  package let brier: Double

  /// - Parameters:
  ///   - probabilities: predicted for "positive", each in [0, 1].
  ///   - labels: true for a positive example. Booleans, so that the two cannot be swapped.
  /// - Throws: `.lengthsDiffer`, `.tooFew`, `.notANumber`, `.malformed` for a value outside [0, 1].
  package init(
    probabilities: [Double], labels: [Bool], bins count: Int = 10
  ) throws(StatisticsError) {
    precondition(count > 0, "a reliability diagram has bins")
    guard probabilities.count == labels.count else {
      throw .lengthsDiffer(scores: probabilities.count, labels: labels.count)
    }
    guard !labels.isEmpty else { throw .tooFew(needed: 1, given: 0) }
    if let index = probabilities.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
    if let index = probabilities.firstIndex(where: { !(0...1).contains($0) }) {
      throw .malformed("value \(index) is no probability: \(probabilities[index])")
    }
    // In order of probability, so that the sums do not depend on the order of the examples.
    let examples = zip(probabilities, labels).sorted {
      $0.0 == $1.0 ? !$0.1 && $1.1 : $0.0 < $1.0
    }
    var groups = [(sum: Double, positive: Int, count: Int)](repeating: (0, 0, 0), count: count)
    var squares = 0.0
    for (probability, label) in examples {
      let bin = min(count - 1, Int(probability * Double(count)))
      groups[bin].sum += probability
      groups[bin].positive += label ? 1 : 0
      groups[bin].count += 1
      let gap = probability - (label ? 1 : 0)
      squares += gap * gap
    }
    let n = Double(labels.count)
    bins = groups.filter { $0.count > 0 }.map {
      Bin(
        predicted: $0.sum / Double($0.count),
        observed: Proportion(successes: $0.positive, trials: $0.count))
    }
    error = groups.reduce(0) { $0 + ($1.sum - Double($1.positive)).magnitude } / n
    brier = squares / n
  }
}
