import Transformers

/// A training step whose loss or gradient is not finite. No update was made, nothing of it is recorded.
struct TrainingDiverged: Error, CustomStringConvertible {
  /// Counted from 1.
  let step: Int
  let steps: Int
  let divergence: Divergence
  let loss: Double
  let gradientNorm: Double
  /// Of this step.
  let learningRate: Float

  var description: String {
    "training diverged at step \(step) of \(steps): not finite first in \(divergence) "
      + "(loss \(Self.text(loss)), gradient norm \(Self.text(gradientNorm))); the update was not made\n  hint: \(hint)"
  }

  /// A NaN's sign depends on the instruction set.
  private static func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  private var hint: String {
    if case .weights = divergence {
      return "the model that the stage starts from is damaged; check the stage before it"
    }
    return "lower learning_rate (\(learningRate) at this step) or raise warmup"
  }
}
