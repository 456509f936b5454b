import Determinism

/// Bag-of-tokens naive Bayes: what the tokens alone give away. A control that must fail on swap pairs.
package struct NaiveBayes: Equatable, Sendable {
  /// By token: log p(token | positive) − log p(token | negative), add-one smoothed. [vocabulary].
  package let weights: [Double]

  package init(vocabulary: Int, positive: [[Int32]], negative: [[Int32]]) {
    func logarithms(_ sequences: [[Int32]]) -> [Double] {
      var counts = [Int](repeating: 1, count: vocabulary)
      for sequence in sequences {
        for token in sequence { counts[Int(token)] += 1 }
      }
      let total = Elementary.log(Double(counts.reduce(0, +)))
      return counts.map { Elementary.log(Double($0)) - total }
    }
    weights = Vector.difference(logarithms(positive), logarithms(negative))
  }

  /// Adds up by token in order of id, so equal bags have equal scores to the last bit.
  package func score(of sequence: [Int32]) -> Double {
    sequence.sorted().reduce(0) { $0 + weights[Int($1)] }
  }
}
