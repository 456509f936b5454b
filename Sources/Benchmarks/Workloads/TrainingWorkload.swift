import TensorCore
import Transformers

/// Full training steps: loss, gradient, clipping, AdamW.
final class TrainingWorkload: Workload {
  private let trainer: Trainer
  private let batches: [TokenBatch]
  private var next = 0
  /// Losses of the first batch before each of three updates on it.
  let facts: [Double]
  let parameters: Int?

  static let learningRate: Float = 1e-3

  init(_ task: TrainingTask, engine: Engine, threads: Int) {
    let model = SharedNumbers.model(task.model)
    let trainer = Trainer(
      model: model, optimiser: OptimiserOptions(), engine: engine, threads: threads)
    let batches = task.lengths.enumerated().map { index, lengths in
      TokenBatch(
        sequences: lengths.enumerated().map {
          // The last token is only predicted.
          SharedNumbers.sequence(
            batch: index, sequence: $0, count: $1 + 1, vocabulary: task.model.vocabulary)
        })
    }
    facts = (0..<3).map { _ in trainer.step(batches[0], learningRate: Self.learningRate).loss }
    parameters = model.parameters.count
    self.trainer = trainer
    self.batches = batches
  }

  func step() {
    _ = trainer.step(batches[next], learningRate: Self.learningRate)
    next = (next + 1) % batches.count
  }
}
