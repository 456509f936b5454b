import Determinism
import TensorCore
import Transformers

/// Continuations of a batch of one-token prompts at temperature 1.
final class SamplingWorkload: Workload {
  private let model: Model
  private let task: SamplingTask
  private let engine: Engine
  private let threads: Int
  private var seed: UInt64 = 0
  /// The mean cost in nats of fixed sequences: a peer finds it with its cache, we with a full pass.
  let facts: [Double]
  var parameters: Int? { model.parameters.count }

  init(_ task: SamplingTask, engine: Engine, threads: Int) {
    self.task = task
    self.engine = engine
    self.threads = threads
    model = SharedNumbers.model(task.model)
    let vocabulary = task.model.vocabulary
    let sequences = (0..<task.batch).map {
      SharedNumbers.sequence(
        batch: 0, sequence: $0, count: task.model.context, vocabulary: vocabulary)
    }
    let logits = model.logits(
      of: sequences, at: sequences.map { Array(0..<$0.count - 1) }, engine: engine,
      threads: threads)
    let targets = sequences.flatMap { $0.dropFirst() }
    var cost = 0.0
    for (row, target) in targets.enumerated() {
      let values = logits[row * vocabulary..<(row + 1) * vocabulary].map { Double($0) }
      let top = values.max() ?? 0
      let total = values.reduce(0.0) { $0 + Elementary.exp($1 - top) }
      cost += top + Elementary.log(total) - values[Int(target)]
    }
    facts = [cost / Double(targets.count)]
  }

  func step() {
    seed += 1
    let prompts = (0..<task.batch).map { [Int32($0 % task.model.vocabulary)] }
    _ = model.continuations(
      of: prompts, maximumTokens: task.tokens, temperature: 1, stop: nil, seed: seed,
      stream: "benchmark", engine: engine, threads: threads)
  }
}
