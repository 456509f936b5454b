import Studies
import Transformers

/// What a training loop needs of a trainer: steps, resume points, the model as it is now.
protocol Learner: AnyObject {
  associatedtype Batch
  associatedtype Learnt

  init(_ model: Learnt, optimiser: OptimiserOptions, in context: StageContext)
  init(resuming bytes: [UInt8], in context: StageContext) throws
  /// Updates made so far, those before a resumption included.
  var stepsTaken: Int { get }
  var model: Learnt { get }
  func step(_ batch: Batch, learningRate: Float) -> StepReport
  func resumeBytes() -> [UInt8]
}

/// Sequences to train on, and what their weighted sum is divided by (nil: the sum of the weights).
struct TrainingBatch {
  var tokens: TokenBatch
  var normaliser: Double?
}

extension Trainer: Learner {
  convenience init(_ model: Model, optimiser: OptimiserOptions, in context: StageContext) {
    self.init(
      model: model, optimiser: optimiser, backend: context.usesOpenBLAS ? .openblas : .own,
      threads: context.threads)
  }

  convenience init(resuming bytes: [UInt8], in context: StageContext) throws {
    try self.init(
      resuming: bytes, backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads)
  }

  func step(_ batch: TrainingBatch, learningRate: Float) -> StepReport {
    step(batch.tokens, learningRate: learningRate, normaliser: batch.normaliser)
  }
}

extension PreferenceTrainer: Learner {
  convenience init(_ model: ScalarModel, optimiser: OptimiserOptions, in context: StageContext) {
    self.init(
      model: model, optimiser: optimiser, backend: context.usesOpenBLAS ? .openblas : .own,
      threads: context.threads)
  }

  convenience init(resuming bytes: [UInt8], in context: StageContext) throws {
    try self.init(
      resuming: bytes, backend: context.usesOpenBLAS ? .openblas : .own, threads: context.threads)
  }
}
