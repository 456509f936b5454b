import Determinism

extension Tape {
  /// Σ over rows of weight · −log softmax(logits)[target], in Double; logits[rows, classes].
  ///
  /// When recording, the logits become their own gradient. A row of weight 0 is not computed.
  package func crossEntropy(_ logits: Tensor, targets: [Int32], weights: [Float]) -> Double {
    precondition(targets.count == logits.rows && weights.count == logits.rows, "one per row")
    for target in targets {
      precondition((0..<logits.columns).contains(Int(target)), "target \(target) is no class")
    }
    let totals = arena.floats(2 * logits.rows)
    engine.kernels.pointee.cross_entropy(
      logits.rows, logits.columns, logits.data, targets, weights, totals, isRecording ? 1 : 0)
    if isRecording { logits.gradient = logits.data }
    var loss = 0.0
    for (row, weight) in weights.enumerated() where weight != 0 {
      let cost = Elementary.log(Double(totals[2 * row])) - Double(totals[2 * row + 1])
      loss += Double(weight) * cost
    }
    return loss
  }
}
