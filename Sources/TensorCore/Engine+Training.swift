import CKernels

/// The numbers of one AdamW update, the same for every parameter of a group.
package struct AdamUpdate: Sendable {
  package var beta1: Float
  package var beta2: Float
  package var epsilon: Float
  /// The clip coefficient.
  package var gradientScale: Float
  /// Learning rate / (1 − β₁ᵗ).
  package var stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  package var secondScale: Float
  /// 1 − learning rate × weight decay.
  package var keep: Float

  package init(
    beta1: Float, beta2: Float, epsilon: Float, gradientScale: Float, stepSize: Float,
    secondScale: Float, keep: Float
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.gradientScale = gradientScale
    self.stepSize = stepSize
    self.secondScale = secondScale
    self.keep = keep
  }
}

extension Engine {
  /// One AdamW update of `count` parameters in place.
  package func adam(
    _ update: AdamUpdate, count: Int, parameters: UnsafeMutablePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    gradient: UnsafePointer<Float>
  ) {
    var options = dm_adam(
      beta1: update.beta1, beta2: update.beta2, epsilon: update.epsilon,
      gradient_scale: update.gradientScale, step_size: update.stepSize,
      second_scale: update.secondScale, keep: update.keep)
    kernels.pointee.adam(count, parameters, first, second, gradient, &options)
  }

  /// Four lanes added in their fixed order, (a + b) + (c + d), into the first one.
  ///
  /// - Returns: the sum of the squares of the result, in 16 double lanes.
  package func reduce(count: Int, _ lanes: [UnsafeMutablePointer<Float>]) -> Double {
    precondition(lanes.count == 4, "the order of the reduction is that of four lanes")
    return kernels.pointee.reduce(count, lanes[0], lanes[1], lanes[2], lanes[3], lanes[0])
  }
}
