/// Sequences to train on, and how much each of their tokens counts.
package struct TokenBatch: Equatable, Sendable {
  /// Token ids; lengths may differ, up to the model's context + 1 (the last token is only a target).
  package var sequences: [[Int32]]
  /// `weights[s][t]`: the weight of predicting `sequences[s][t]` from its prefix; 0 = not trained on. The
  /// first token of a sequence has no prefix: its weight is ignored everywhere.
  package var weights: [[Float]]

  package init(sequences: [[Int32]], weights: [[Float]]) {
    precondition(sequences.count == weights.count, "weights for each sequence")
    for (sequence, row) in zip(sequences, weights) {
      precondition(sequence.count == row.count, "as many weights as tokens")
    }
    self.sequences = sequences
    self.weights = weights
  }

  /// Every token but the first counts 1.
  package init(sequences: [[Int32]]) {
    self.init(sequences: sequences, weights: sequences.map { $0.map { _ in 1 } })
  }

  /// Σ w over the whole batch: the denominator of its loss.
  package var totalWeight: Double {
    weights.reduce(0.0) { $1.dropFirst().reduce($0) { $0 + Double($1) } }
  }
}
