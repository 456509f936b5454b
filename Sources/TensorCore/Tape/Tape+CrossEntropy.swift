import Determinism

extension Tape {
  /// Σ over rows of weight · −log softmax(logits)[target], in Double; logits[rows, classes]. Weights may be
  /// negative.
  ///
  /// When recording, the logits become their own gradient. A row of weight 0 is not computed.
  /// - Parameter penalty: further logits of that shape, which nothing is learnt through, and the weight of
  ///   KL(softmax(logits) ‖ softmax(reference)) of each row, which is added.
  package func crossEntropy(
    _ logits: Tensor, targets: [Int32], weights: [Float],
    penalty: (reference: Tensor, weights: [Float])? = nil
  ) -> Double {
    precondition(targets.count == logits.rows && weights.count == logits.rows, "one per row")
    for target in targets {
      precondition((0..<logits.columns).contains(Int(target)), "target \(target) is no class")
    }
    let held = penalty.map { divergence(logits, from: $0.reference, weights: $0.weights) }
    let totals = arena.floats(2 * logits.rows)
    engine.kernels.pointee.cross_entropy(
      logits.rows, logits.columns, logits.data, targets, weights, totals, isRecording ? 1 : 0)
    if isRecording { logits.gradient = logits.data }
    var loss = 0.0
    for (row, weight) in weights.enumerated() where weight != 0 {
      let cost = Elementary.log(Double(totals[2 * row])) - Double(totals[2 * row + 1])
      loss += Double(weight) * cost
    }
    guard let held else { return loss }
    if let slope = held.slope { passOn(slope, to: logits) }
    return loss + held.value
  }

  /// Σ weight · KL(softmax(x) ‖ softmax(reference)) and, when recording, its gradient by x.
  ///
  /// With d = x − reference the gradient of a row is p (d − Σ p d): what the two are normalised by cancels.
  private func divergence(
    _ x: Tensor, from reference: Tensor, weights: [Float]
  ) -> (value: Double, slope: UnsafeMutablePointer<Float>?) {
    precondition(reference.rows == x.rows && reference.columns == x.columns, "equal shapes")
    precondition(weights.count == x.rows, "one per row")
    let slope = isRecording ? arena.floats(x.count) : nil
    let totals = arena.floats(3 * x.rows)
    engine.kernels.pointee.divergence(
      x.rows, x.columns, x.data, reference.data, weights, totals, slope)
    var value = 0.0
    for (row, weight) in weights.enumerated() where weight != 0 {
      let ratio =
        Elementary.log(Double(totals[3 * row + 1])) - Elementary.log(Double(totals[3 * row]))
      value += Double(weight) * (Double(totals[3 * row + 2]) + ratio)
    }
    return (value, slope)
  }
}
