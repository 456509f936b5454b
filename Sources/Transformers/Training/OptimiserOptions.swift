/// AdamW (Loshchilov & Hutter 2019) with clipping of the gradient's norm.
package struct OptimiserOptions: Hashable, Sendable {
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// Applied to two-dimensional tensors only.
  package var weightDecay: Double
  /// Largest norm of the whole gradient; infinity = never clipped.
  package var clip: Double

  package init(
    beta1: Double = 0.9, beta2: Double = 0.98, epsilon: Double = 1e-8, weightDecay: Double = 0.01,
    clip: Double = 1
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clip = clip
  }
}

/// What a training step says of itself.
package struct StepReport: Equatable, Sendable {
  /// Σ w · cross-entropy over the batch, in nats, divided by Σ w or the caller's normaliser, before the
  /// update.
  package let loss: Double
  /// Euclidean norm of the whole gradient, before clipping.
  package let gradientNorm: Double
  /// Where the step ceased to be finite; then no update was made. nil when all is well.
  package var divergence: Divergence?
}
