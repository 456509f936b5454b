/// Sequences to train on, and how much each of their tokens counts.
package struct TokenBatch: Equatable, Sendable {
  /// Token ids; lengths may differ, up to the model's context + 1 (the last token is only a target).
  package var sequences: [[Int32]]
  /// `weights[s][t]`: the weight of predicting `sequences[s][t]` from its prefix; 0 = not trained on,
  /// negative = made less likely. The first token of a sequence has no prefix: its weight is ignored
  /// everywhere.
  package var weights: [[Float]]
  /// What each token sees; nil = all before it.
  package var segments: Segments?
  /// `penalties[s][t]`: the weight of KL(p ‖ p of the trainer's reference) of the distribution that
  /// `sequences[s][t]` is predicted by; nil = none.
  package var penalties: [[Float]]?
  /// On the residual stream of some of the sequences; they need no weighted token.
  package var residualPenalties: [ResidualPenalty] = [] {
    didSet {
      for penalty in residualPenalties {
        precondition(
          penalty.positions.count == sequences.count, "a place, or none, for each sequence")
        for (sequence, position) in zip(sequences, penalty.positions) {
          precondition(
            position.map(sequence.indices.contains) ?? true, "positions inside the sequence")
        }
      }
    }
  }

  package init(
    sequences: [[Int32]], weights: [[Float]], segments: Segments? = nil,
    penalties: [[Float]]? = nil
  ) {
    for rows in [weights, penalties].compactMap(\.self) {
      precondition(sequences.count == rows.count, "weights for each sequence")
      for (sequence, row) in zip(sequences, rows) {
        precondition(sequence.count == row.count, "as many weights as tokens")
      }
    }
    self.sequences = sequences
    segments?.check(sequences)
    self.weights = weights
    self.segments = segments
    self.penalties = penalties
  }

  /// Every token but the first counts 1.
  package init(sequences: [[Int32]], segments: Segments? = nil) {
    self.init(
      sequences: sequences, weights: sequences.map { $0.map { _ in 1 } }, segments: segments)
  }

  /// Σ w over the whole batch: the denominator of its loss unless the caller gives another one.
  package var totalWeight: Double {
    weights.reduce(0.0) { $1.dropFirst().reduce($0) { $0 + Double($1) } }
  }

  /// Whether the prediction of a token is part of the loss.
  func counts(_ sequence: Int, _ position: Int) -> Bool {
    weights[sequence][position] != 0 || (penalties.map { $0[sequence][position] != 0 } ?? false)
  }

  /// Tokens of a sequence before the last one that counts, or up to the last one that is penalised; 0 if there
  /// is none.
  func inputCount(_ sequence: Int) -> Int {
    let counted = sequences[sequence].indices.last { counts(sequence, $0) } ?? 0
    return residualPenalties.reduce(counted) { count, penalty in
      max(count, penalty.positions[sequence].map { $0 + 1 } ?? 0)
    }
  }

  /// What a model reads of each sequence, where it reads anything.
  var inputs: [(member: Int, tokens: ArraySlice<Int32>)] {
    sequences.indices.map { ($0, sequences[$0][..<inputCount($0)]) }.filter { !$0.1.isEmpty }
  }
}
