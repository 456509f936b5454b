import Determinism

/// Reads a residual stream as if it were the last: final layer norm, unembedding, log-odds of some
/// tokens against all others (nostalgebraist 2020). At the last layer it is the read-out itself.
package struct LogitLens: Sendable {
  /// Of the final layer norm, [width].
  package let gain: [Double]
  package let bias: [Double]
  /// By token: its row of the unembedding, [width].
  package let unembedding: [[Double]]
  package let epsilon: Double

  package init(
    gain: [Double], bias: [Double], unembedding: [[Double]], epsilon: Double = 1e-5
  ) {
    self.gain = gain
    self.bias = bias
    self.unembedding = unembedding
    self.epsilon = epsilon
  }

  /// [vocabulary].
  package func logits(of row: some Collection<Double>) -> [Double] {
    let width = Double(row.count)
    let mean = row.reduce(0, +) / width
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / width
    let scale = 1 / (variance + epsilon).squareRoot()
    let normed = row.enumerated().map { ($1 - mean) * scale * gain[$0] + bias[$0] }
    return unembedding.map { Vector.dot(normed, $0) }
  }

  /// Log-odds of the tokens, nats, [count].
  package func scores(of activations: Activations, tokens: Set<Int32>) -> [Double] {
    (0..<activations.count).map { LogOdds.of(tokens, logits: logits(of: activations[$0])) }
  }
}

/// log p − log(1 − p) of a set of tokens under a softmax, in Double.
package enum LogOdds {
  package static func of(_ tokens: Set<Int32>, logits: [Double]) -> Double {
    let largest = logits.max() ?? 0
    var inside = 0.0
    var outside = 0.0
    for (token, logit) in logits.enumerated() {
      let weight = Elementary.exp(logit - largest)
      if tokens.contains(Int32(token)) { inside += weight } else { outside += weight }
    }
    return Elementary.log(inside) - Elementary.log(outside)
  }
}
