import Determinism

extension Tape {
  /// scale · Σ −log σ(x[2 i] − x[2 i + 1]) over pairs of successive rows of x[rows, 1], in Double: the first
  /// of each pair is preferred to the second (Bradley & Terry 1952).
  package func pairwiseLogistic(_ x: Tensor, scale: Double) -> Double {
    precondition(x.columns == 1 && x.rows.isMultiple(of: 2), "pairs of scores")
    precondition(x.gradient == nil, "the loss is the only reader of its scores")
    let slope = arena.floats(x.rows)
    var loss = 0.0
    for row in stride(from: 0, to: x.rows, by: 2) {
      let margin = Double(x.data[row]) - Double(x.data[row + 1])
      // e^−|m| cannot overflow.
      let power = Elementary.exp(-abs(margin))
      loss += max(-margin, 0) + Elementary.log1p(power)
      let doubt = margin > 0 ? power / (1 + power) : 1 / (1 + power)
      slope[row] = Float(-scale * doubt)
      slope[row + 1] = -slope[row]
    }
    if isRecording { x.gradient = slope }
    return scale * loss
  }
}
